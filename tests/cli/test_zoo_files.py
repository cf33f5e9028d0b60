"""Every model of tf-pose and Lightweight OpenPose from a random file in its original format,
through the real command: a picture and a video in, JSON and pictures out."""

import gzip
import json
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from drawn.clips import FRAMES, SIZE, write_clip
from drawn.command import openpose_py
from drawn.ir_files import write_ir
from drawn.tensorflow_files import write_checkpoint, write_graph, write_numpy

from openpose_py.zoo.cards import card_named

ZOO = Path(__file__).parents[1] / "golden" / "zoo"
Writer = Callable[[Path, Mapping[str, np.ndarray]], object]
TRAINING = {"global_step": np.full((), 388003, np.int64)}  # what a training keeps beside weights


def random_tensors(table: str) -> dict[str, np.ndarray]:
    """Every tensor of a published file, of its shape, following from its name."""
    keys = json.loads(gzip.decompress((ZOO / f"{table}.json.gz").read_bytes()))["keys"]
    return {name: random_tensor(name, shape) for name, shape in keys.items()}


def random_tensor(name: str, shape: list[int]) -> np.ndarray:
    random = np.random.default_rng(zlib.crc32(name.encode()))
    if name.endswith(("variance", "running_var")):
        return random.uniform(0.5, 1.5, shape).astype(np.float32)
    if name.endswith("num_batches_tracked"):
        return np.array(5, np.int64)
    values = random.standard_normal(shape, np.float32)
    first = 3 if name.endswith("weights") else 1  # height, width, in, out against out first
    fan_in = int(np.prod(shape[:first] if first == 3 else shape[1:])) if len(shape) == 4 else 100
    return np.asarray(values * np.float32(np.sqrt(2 / fan_in)))


def checkpoint(path: Path, variables: Mapping[str, np.ndarray]) -> None:
    slots = {f"{name}/Adam": np.zeros_like(array) for name, array in variables.items()}
    write_checkpoint(path, {**variables, **slots, **TRAINING})


def pth(path: Path, tensors: Mapping[str, np.ndarray], zipped: bool = True) -> None:
    state = {f"module.{key}": torch.from_numpy(array) for key, array in tensors.items()}
    whole = {"state_dict": state, "iter": 370000, "current_epoch": 1}
    torch.save(whole, path, _use_new_zipfile_serialization=zipped)


def old_pth(path: Path, tensors: Mapping[str, np.ndarray]) -> None:
    pth(path, tensors, zipped=False)


# model, its file below the folder of models, the table of its tensors, what writes the file
QUICK = [
    ("mobilenet_v2_small", "graph/mobilenet_v2_small/graph_opt.pb", write_graph),
    ("mobilenet_fast", "trained/mobilenet_fast/model-189000.index", checkpoint),
]
SLOW = [
    ("cmu", "graph/cmu/graph_opt.pb", write_graph),
    ("cmu", "numpy/openpose_coco.npy", write_numpy),
    ("cmu", "trained/cmu/model.index", checkpoint),
    ("dsconv", "dsconv.index", checkpoint),
    ("dsconv", "graph/dsconv/graph_opt.pb", write_graph),
    ("mobilenet", "trained/mobilenet_368x368/model-388003.index", checkpoint),
    ("mobilenet", "graph/mobilenet/graph_opt.pb", write_graph),
    ("mobilenet_accurate", "trained/mobilenet_accurate/model-170000.index", checkpoint),
    ("mobilenet_thin", "graph/mobilenet_thin/graph_opt.pb", write_graph),
    ("mobilenet_v2_small", "mobilenet_v2_small.index", checkpoint),
    ("mobilenet_v2_large", "graph/mobilenet_v2_large/graph_opt.pb", write_graph),
]
TF_POSE = [*QUICK, *(pytest.param(*row, marks=pytest.mark.slow) for row in SLOW)]
LIGHTWEIGHT = [
    ("lightweight_openpose", "lightweight_openpose", pth),
    pytest.param(
        "lightweight_openpose", "lightweight_openpose_3stages", old_pth, marks=pytest.mark.slow
    ),
    pytest.param(
        "lightweight_openpose_refined", "lightweight_openpose_3stages", pth, marks=pytest.mark.slow
    ),
]
PRECISIONS = [*(pytest.param(one, marks=pytest.mark.slow) for one in ("fp32", "fp16")), "fp16-int8"]


@pytest.mark.parametrize(("model", "file", "write"), TF_POSE)
def test_a_model_of_tf_pose_runs_from_its_original_file(
    tmp_path: Path, model: str, file: str, write: Writer
) -> None:
    path = tmp_path / "models" / file
    path.parent.mkdir(parents=True)
    write(path, random_tensors(f"tfpose_{model}"))
    given = ["--model_pose", model, "--model_folder", tmp_path / "models"]
    if path.parent == tmp_path / "models":
        given += ["--caffemodel_path", file]
    picture_and_video(tmp_path, given, "tfpose")


@pytest.mark.parametrize(("model", "table", "write"), LIGHTWEIGHT)
def test_lightweight_openpose_runs_from_its_original_file(
    tmp_path: Path, model: str, table: str, write: Writer
) -> None:
    write(tmp_path / "checkpoint_iter_370000.pth", random_tensors(table))
    picture_and_video(tmp_path, ["--model_pose", model, "--model_folder", tmp_path], "lightweight")


@pytest.mark.parametrize("precision", PRECISIONS)
def test_openvinos_edition_runs_from_its_description(tmp_path: Path, precision: str) -> None:
    path = tmp_path / f"intel/human-pose-estimation-0001/{precision.upper()}"
    path.mkdir(parents=True)
    write_ir(path / "human-pose-estimation-0001.xml", precision)
    given = ["--model_pose", "human-pose-estimation-0001", "--model_folder", tmp_path]
    picture_and_video(tmp_path, given, "lightweight")


def test_files_of_every_format_give_the_same_network(tmp_path: Path) -> None:
    from openpose_py.weights.load import load_network

    tensors = random_tensors("tfpose_mobilenet_v2_small")
    tables = []
    for name, write in (("a.pb", write_graph), ("b.index", checkpoint), ("c.npy", write_numpy)):
        write(tmp_path / name, tensors)
        allowed = card_named("mobilenet_v2_small").networks
        tables.append(load_network(tmp_path / name, allowed)[1].state_dict())
    for key, tensor in tables[0].items():
        assert all(torch.allclose(tensor, table[key], rtol=1e-5) for table in tables[1:]), key


def picture_and_video(folder: Path, given: list, decoder: str) -> None:
    (folder / "in").mkdir()
    noise = np.random.default_rng(3).integers(0, 256, (90, 120, 3), np.uint8)
    cv2.imwrite(str(folder / "in" / "a.png"), noise)
    write_clip(folder / "clip.mp4")
    common = ["--display", 0, "--net_resolution", "64x48", *given]
    stages = (
        (["--image_dir", folder / "in"], ["a"], (120, 90), "openpose"),
        (["--video", folder / "clip.mp4"], video_names(), SIZE, decoder),
    )
    for number, (source, names, (width, height), chosen) in enumerate(stages):
        out = folder / f"out{number}"
        written = ["--write_json", out, "--write_images", out, "--decoder", chosen]
        ran = openpose_py(*source, *written, *common)
        assert ran.code == 0, ran.err
        assert len(list(out.glob("*.json"))) == len(names)
        for name in names:
            picture = cv2.imread(str(out / f"{name}_rendered.png"))
            assert picture.shape == (height, width, 3)
            check_people(out / f"{name}_keypoints.json", width, height)


def video_names() -> list[str]:
    return [f"clip_{number:012d}" for number in range(FRAMES)]


def check_people(path: Path, width: int, height: int) -> None:
    """All people that random weights make have 18 points, in the picture."""
    for person in json.loads(path.read_text())["people"]:
        points = np.reshape(person["pose_keypoints_2d"], (18, 3))
        assert np.isfinite(points).all()
        assert (points[:, 0] < width + 8).all() and (points[:, 1] < height + 8).all()
