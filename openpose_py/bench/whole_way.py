"""A video to JSON and to a drawn H.264 video through the real command, beside its network alone."""

import functools
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from safetensors.torch import save_file
from torch import nn

from openpose_py.bench.crowd import crowd
from openpose_py.bench.measure import many_threads, medians
from openpose_py.bench.models import FRAME, RANDOM, loaded, net_input_of, task_of
from openpose_py.bench.rows import Plan, Row
from openpose_py.engines.open import build
from openpose_py.errors import StageError
from openpose_py.stages.pictures.keypoints_cpu import draw_people
from openpose_py.zoo.cards import card_named
from openpose_py.zoo.skeletons import read_skeleton

SECTION = "whole way"
MODELS = ("BODY_25B_COMPACT", "BODY_25")
HEIGHT = 368
FRAMES = {True: 100, False: 24}  # by `full`
WARM = 4  # frames at the start that do not count
FPS = 25
PEOPLE = 5
MICRO = 1e6


def whole_way(plan: Plan) -> Iterator[Row]:
    for model in MODELS if plan.full else MODELS[:1]:
        yield from _of_model(model, plan)


def _of_model(model: str, plan: Plan) -> Iterator[Row]:
    card = card_named(model)
    name, network, weights = loaded(card, plan)
    engine = build("torch", task_of(card, name, network, plan), "fp32")
    alone = functools.partial(engine.run, net_input_of(HEIGHT))
    case = f"{model}, {FRAME[0]}x{FRAME[1]} video, -1x{HEIGHT}"
    with tempfile.TemporaryDirectory() as folder:
        words = ["--model_pose", model, "--model_folder", str(plan.model_folder)]
        if weights == RANDOM:
            words += ["--caffemodel_path", str(saved(network, Path(folder)))]
        before = medians({"": alone}, plan.seconds / 2, many_threads)[""]
        frame, stages = run_once(Path(folder), words, FRAMES[plan.full])
        after = medians({"": alone}, plan.seconds / 2, many_threads)[""]
    network_alone = (before + after) / 2
    yield Row(SECTION, case, "network alone", network_alone, note=weights)
    yield Row(SECTION, case, "a frame of the run", frame, note=weights)
    yield Row(SECTION, case, "ratio", frame / network_alone, "times")
    for stage, value in stages.items():
        yield Row(SECTION, f"stages of {model}", stage, value)


def run_once(folder: Path, words: list[str], frames: int) -> tuple[float, dict[str, float]]:
    """Milliseconds a frame of the run behind its first frames, and of each stage."""
    video, trace = folder / "walk.mp4", folder / "trace.json"
    write_walk(video, frames)
    command = [sys.executable, "-m", "openpose_py", "--video", str(video), *words]
    command += ["--net_resolution", f"-1x{HEIGHT}", "--write_json", str(folder / "json")]
    command += ["--write_video", str(folder / "drawn.mp4"), "--profile", str(trace), "--quiet"]
    done = subprocess.run(
        [*command, "--display", "0"], capture_output=True, text=True, env=_environment()
    )
    if done.returncode:
        raise StageError(done.stderr.strip() or "failed", where="bench: the run of a video")
    return of_trace(json.loads(trace.read_text())["traceEvents"])


def of_trace(events: list[dict]) -> tuple[float, dict[str, float]]:
    """As `run_once`, of the events of a trace."""
    work = [one for one in events if one["ph"] == "X"]
    ends = sorted(one["ts"] + one["dur"] for one in work if one["name"] == "write")
    warm = min(WARM, len(ends) - 2)
    frame = (ends[-1] - ends[warm]) / (len(ends) - 1 - warm) / 1000
    stages: dict[str, float] = {}
    for one in work:
        stages[one["name"]] = stages.get(one["name"], 0.0) + one["dur"] / 1000 / len(ends)
    return frame, stages


def write_walk(path: Path, frames: int, size: tuple[int, int] = FRAME, fps: int = FPS) -> None:
    """A video of stick figures that move to the right."""
    skeleton = read_skeleton("BODY_25")
    points = crowd(skeleton, PEOPLE, size)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(fps), options={"preset": "fast"})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for number in range(frames):
            moved = points + np.array([number % 100, 0, 0], np.float32)
            picture = np.full((size[1], size[0], 3), 90, np.uint8)
            drawn = draw_people(picture, moved, skeleton, 0.05)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(drawn, format="bgr24")))
        container.mux(stream.encode())


def saved(network: nn.Module, folder: Path) -> Path:
    """Weights as a file that a run can read."""
    path = folder / "weights.safetensors"
    save_file({key: one.contiguous() for key, one in network.state_dict().items()}, str(path))
    return path.resolve()


def _environment() -> dict[str, str]:
    return {**os.environ, "OMP_WAIT_POLICY": "PASSIVE"}
