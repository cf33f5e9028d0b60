"""Time of --face and --hand on a 1280x720 frame with five people, against the bare networks.

    python benchmarks/face_hand.py [--side 128] [--runs 3] [--threads 1] [--json]

The bare networks get the same crops, ready made, in the same batches; "one by one" runs them crop
by crop, as OpenPose does. "Crops and points" is what is added to them: cutting the crops out and
searching the maps. The weights are made by hand: their values do not change the time. With one
thread it is the processor's time that counts, so that a busy machine does little harm.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from drawn.copying_network import write_copying_caffemodel  # noqa: E402

from openpose_py.face_hand import MOST_PIXELS, FaceHand  # noqa: E402
from openpose_py.records import Frame, People  # noqa: E402
from openpose_py.settings import Settings  # noqa: E402
from openpose_py.stages.maps.crops import crop_inputs, points_in_frame  # noqa: E402
from openpose_py.stages.maps.engines.torch_crops import CropNetwork  # noqa: E402
from openpose_py.stages.people.argmax_cpu import highest_points  # noqa: E402
from openpose_py.stages.people.boxes import face_boxes, hand_boxes  # noqa: E402
from openpose_py.weights.load import load_network  # noqa: E402
from openpose_py.zoo.part_cards import part_card  # noqa: E402
from openpose_py.zoo.skeletons import read_skeleton  # noqa: E402

PEOPLE, SIZE = 5, (1280, 720)
CHANNELS = {"face": 71, "hand": 22}
WANTED = 1.1  # times the bare networks


class Batch(NamedTuple):
    """Crops that one network gets at once. boxes: (n, 4). mirrored: bool (n,)."""

    name: str
    boxes: np.ndarray
    mirrored: np.ndarray


def main() -> None:
    options = _options()
    torch.set_num_threads(options.threads)
    frame, people, side = _frame(), _people(), options.side
    with tempfile.TemporaryDirectory() as folder:
        finder, networks = _load(Path(folder), side)
        finder.faces_and_hands(frame, people)
    batches = _batches(people, max(1, MOST_PIXELS // side**2))
    crops = [crop_inputs(frame.pixels, batch.boxes, side, batch.mirrored) for batch in batches]
    maps = [networks[batch.name].run(some) for batch, some in zip(batches, crops, strict=True)]

    def bare(most: int) -> None:
        for batch, some in zip(batches, crops, strict=True):
            for first in range(0, len(some), most):
                networks[batch.name].run(some[first : first + most])

    def crops_and_points() -> None:
        for batch, outputs in zip(batches, maps, strict=True):
            crop_inputs(frame.pixels, batch.boxes, side, batch.mirrored)
            points = highest_points(outputs, outputs.shape[1] - 1)
            points_in_frame(points, batch.boxes, side, batch.mirrored)

    runs: dict[str, Callable[[], object]] = {
        "faces and hands": lambda: finder.faces_and_hands(frame, people),
        "bare networks": lambda: bare(max(map(len, crops))),
        "bare, one by one": lambda: bare(1),
        "crops and points": crops_and_points,
    }
    clock = time.process_time if options.threads == 1 else time.perf_counter
    _print(_medians(runs, options.runs, clock), sum(map(len, crops)), options)


def _print(seconds: dict[str, float], crops: int, options: argparse.Namespace) -> None:
    ratio = seconds["faces and hands"] / seconds["bare networks"]
    if options.json:
        print(json.dumps({"side": options.side, "seconds": seconds, "ratio": ratio}))
        return
    print(f"{PEOPLE} people, {crops} crops of {options.side} x {options.side}")
    for name, value in seconds.items():
        print(f"{name:18}{value * 1000:10.1f} ms")
    print(f"ratio {ratio:.3f}, wanted: at most {WANTED}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--side", type=int, default=128, help="of a crop in net pixels")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def _load(folder: Path, side: int) -> tuple[FaceHand, dict[str, CropNetwork]]:
    random, networks = np.random.default_rng(1), {}
    for name, channels in CHANNELS.items():
        path = folder / part_card(name).files[0].path
        path.parent.mkdir()
        vectors = random.uniform(0, 1, (127, channels)).astype(np.float32)
        write_copying_caffemodel(path, name, vectors)
        _, network = load_network(path, [name])
        networks[name] = CropNetwork(network, torch.device("cpu"), "")
    size = f"{side}x{side}"
    settings = Settings(
        model_folder=str(folder), device="cpu", face=True, hand=True,
        face_net_resolution=size, hand_net_resolution=size,
    )  # fmt: skip
    return FaceHand(settings, read_skeleton("BODY_25")), networks


def _batches(people: People, most: int) -> list[Batch]:
    skeleton = read_skeleton("BODY_25")
    faces = face_boxes(people.keypoints, skeleton).astype(np.float64)
    hands = hand_boxes(people.keypoints, skeleton).swapaxes(0, 1).reshape(-1, 4)
    whole = [
        Batch("face", faces, np.zeros(PEOPLE, bool)),
        Batch("hand", hands, np.arange(2 * PEOPLE) < PEOPLE),
    ]
    return [
        Batch(name, boxes[first : first + most], mirrored[first : first + most])
        for name, boxes, mirrored in whole
        for first in range(0, len(boxes), most)
    ]


def _frame() -> Frame:
    pixels = np.random.default_rng(2).integers(0, 127, (SIZE[1], SIZE[0], 3), dtype=np.uint8)
    return Frame(pixels, 0, "drawn", 0.0, "drawn")


def _people() -> People:
    """Five people side by side with a face and both arms."""
    parts = read_skeleton("BODY_25").parts
    figure = {
        "Nose": (0, 0), "Neck": (0, 60),
        "LShoulder": (40, 70), "LElbow": (60, 130), "LWrist": (70, 190),
        "RShoulder": (-40, 70), "RElbow": (-60, 130), "RWrist": (-70, 190),
    }  # fmt: skip
    keypoints = np.zeros((PEOPLE, len(parts), 3), np.float32)
    for person in range(PEOPLE):
        for part, (x, y) in figure.items():
            keypoints[person, parts.index(part)] = 140 + 250 * person + x, 200 + y, 0.9
    return People(keypoints, np.ones(PEOPLE, np.float32))


def _medians(
    runs: dict[str, Callable[[], object]], count: int, clock: Callable[[], float]
) -> dict[str, float]:
    """Seconds; the rounds take turns, so that a busy machine slows all of them alike."""
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(count):
        for name, run in runs.items():
            start = clock()
            run()
            seconds[name].append(clock() - start)
    return {name: statistics.median(values) for name, values in seconds.items()}


if __name__ == "__main__":
    main()
