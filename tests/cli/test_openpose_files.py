"""Every model of OpenPose from a file in each format in which it is published, through the real
command: people are drawn into the picture, and come out of a picture and a video."""

import json
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
import torch
from drawn.command import openpose_py
from drawn.copied_people import picture_of, stamp_of
from drawn.copying_network import write_copying_caffemodel

from openpose_py.weights.caffemodel import read_caffemodel
from openpose_py.zoo.cards import card_named
from openpose_py.zoo.skeletons import read_skeleton

ROWS = [  # model, its file below the folder of models
    ("MPI_4_layers", "pose/mpi/pose_iter_160000.caffemodel"),
    ("MPI", "pose/mpi/pose_iter_160000.caffemodel"),
    ("COCO", "body_pose_model.pth"),
    ("BODY_25", "body_pose_model_25.pth"),
    ("BODY_25", "pose_iter_584000.caffemodel.pt"),
    ("BODY_25B", "pose/1_25BBkg/body_25b/pose_iter_XXXXXX.caffemodel"),
    ("BODY_25B", "pose/1_25BSuperModel11FullVGG/body_25b/pose_iter_XXXXXX.caffemodel"),
    ("BODY_25B_option1", "pose/1_25BSuperModel11FullVGG/body_25b/pose_iter_XXXXXX.caffemodel"),
    ("BODY_25B_option2", "pose/1_25BBkg/body_25b/pose_iter_XXXXXX.caffemodel"),
    ("BODY_135", "pose/100_135AlmostSameBatchAllGPUs/body_135/pose_iter_XXXXXX.caffemodel"),
]


def write_weights(folder: Path, model: str, file: str) -> str:
    """The file, whose weights copy drawn maps through; returns the name of its network."""
    network = next(row.network for row in card_named(model).files if row.path == file)
    path = folder / file
    path.parent.mkdir(parents=True)
    write_copying_caffemodel(path, network, stamp_of(model, network).vectors)
    if path.suffix != ".caffemodel":
        layers = read_caffemodel(path)
        table = {
            f"{layer}.{kind}": torch.from_numpy(np.array(blob))
            for layer, blobs in layers.items()
            for kind, blob in zip(("weight", "bias"), blobs, strict=False)
        }
        torch.save(table, path, _use_new_zipfile_serialization=path.suffix == ".pth")
    return network


@pytest.mark.slow  # tests/test_whole_way.py has some of them every day
@pytest.mark.parametrize(("model", "file"), ROWS)
def test_people_come_out_of_a_picture_and_a_video(model: str, file: str, tmp_path: Path) -> None:
    network = write_weights(tmp_path / "models", model, file)
    picture = picture_of(model, network, 2, columns=2)
    (tmp_path / "in").mkdir()
    cv2.imwrite(str(tmp_path / "in" / "two.png"), picture)
    write_lossless(tmp_path / "clip.mkv", [picture] * 2)
    out = tmp_path / "out"
    given = ("--model_pose", model, "--model_folder", tmp_path / "models", "--display", 0,
             "--net_resolution", "-1x128", "--write_json", out, "--write_images", out)  # fmt: skip
    for source in (("--image_dir", tmp_path / "in"), ("--video", tmp_path / "clip.mkv")):
        ran = openpose_py(*source, *given)
        assert ran.code == 0, ran.err
    names = ("two", "clip_000000000000", "clip_000000000001")
    assert len(list(out.iterdir())) == 2 * len(names)
    points = 3 * len(read_skeleton(card_named(model).skeleton).parts)
    for name in names:
        people = json.loads((out / f"{name}_keypoints.json").read_text())["people"]
        found = [sum(len(v) for k, v in one.items() if k.endswith("_2d")) for one in people]
        assert found == [points, points]
        assert cv2.imread(str(out / f"{name}_rendered.png")).shape == picture.shape


def write_lossless(path: Path, frames: list[np.ndarray]) -> None:
    height, width = frames[0].shape[:2]
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=10)
        stream.width, stream.height, stream.pix_fmt = width, height, "bgr0"
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, "bgr24")))
        container.mux(stream.encode())
