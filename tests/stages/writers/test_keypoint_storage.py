import os
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from openpose_py.errors import UsageError
from openpose_py.records import People, Result
from openpose_py.stages.writers.keypoint_storage import KeypointStorage, storage_file

MakeResult = Callable[..., Result]

FILES = Path(__file__).parents[2] / "golden" / "files" / "write_keypoint"
WRITTEN = sorted(path.name for path in FILES.iterdir() if path.suffix != ".npz")
FORMATS = ("yml", "yaml", "xml", "json")
PIXELS = np.zeros((4, 4, 3), np.uint8)


def golden_keypoints(case: str, kind: str) -> np.ndarray:
    if case == "none":
        return np.zeros((0, 25, 3), np.float32)
    with np.load(FILES / f"{case}_input.npz") as stored:
        return stored[kind] if kind in stored else stored[f"{kind}_keypoints"]


def read_back(path: Path, name: str) -> np.ndarray | None:
    storage = cv2.FileStorage(str(path), cv2.FILE_STORAGE_READ)
    matrix = storage.getNode(name).mat()
    storage.release()
    return matrix


def test_golden_has_all_formats() -> None:
    assert len(WRITTEN) == 24
    assert {name.rsplit(".")[1] for name in WRITTEN} == set(FORMATS)


@pytest.mark.parametrize("name", WRITTEN)
def test_every_byte_is_that_of_opencv_4_6(name: str) -> None:
    stem, format = name.split(".")
    case, kind = stem.split("_", 1)
    keypoints = golden_keypoints(case, kind)
    assert storage_file({f"{kind}_0": keypoints}, format) == (FILES / name).read_bytes()


@pytest.mark.parametrize("format", FORMATS)
def test_the_installed_opencv_reads_the_same_numbers(format: str, tmp_path: Path) -> None:
    path = tmp_path / f"crowd.{format}"
    keypoints = np.random.default_rng(3).normal(0, 700, (150, 25, 3)).astype(np.float32)
    keypoints[::3, ::4] = 0
    keypoints[1, 0] = 1e-45, -(2.0**31), 2.0**31
    path.write_bytes(storage_file({"pose_0": keypoints}, format))
    np.testing.assert_array_equal(read_back(path, "pose_0"), keypoints)


@pytest.mark.parametrize("format", FORMATS)
def test_what_is_not_a_number_is_read_back_as_that(format: str, tmp_path: Path) -> None:
    path = tmp_path / f"odd.{format}"
    keypoints = np.array([[[np.nan, np.inf, -np.inf]]], np.float32)
    path.write_bytes(storage_file({"pose_0": keypoints}, format))
    np.testing.assert_array_equal(read_back(path, "pose_0"), keypoints)


@pytest.mark.parametrize("format", FORMATS)
def test_nobody_is_an_empty_matrix(format: str, tmp_path: Path) -> None:
    path = tmp_path / f"none.{format}"
    path.write_bytes(storage_file({"pose_0": np.zeros((0, 18, 3), np.float32)}, format))
    matrix = read_back(path, "pose_0")
    assert matrix is None or matrix.size == 0


def test_a_result_becomes_a_file_for_all_that_was_looked_for(
    tmp_path: Path, make_result: MakeResult
) -> None:
    generator = np.random.default_rng(4)
    pose = generator.random((2, 25, 3), np.float32)
    faces = generator.random((2, 70, 3), np.float32)
    hands = generator.random((2, 2, 21, 3), np.float32)
    people = People(pose, np.ones(2, np.float32))
    writer = KeypointStorage(tmp_path, "json")
    writer.write(make_result(PIXELS, name="body", people=people))
    writer.write(make_result(PIXELS, name="all", people=people, faces=faces, hands=hands))
    writer.close()
    wanted = {
        "body_pose.json": pose,
        "all_pose.json": pose,
        "all_face.json": faces,
        "all_hand_left.json": hands[0],
        "all_hand_right.json": hands[1],
    }
    assert set(os.listdir(tmp_path)) == set(wanted)
    for name, keypoints in wanted.items():
        kind = name.removesuffix(".json").split("_", 1)[1]
        np.testing.assert_array_equal(read_back(tmp_path / name, f"{kind}_0"), keypoints)


@pytest.mark.parametrize("format", FORMATS)
def test_several_views_stand_in_one_file(
    format: str, tmp_path: Path, make_result: MakeResult
) -> None:
    poses = np.random.default_rng(5).random((2, 3, 25, 3), np.float32)
    writer = KeypointStorage(tmp_path, format, views=2)
    for step in ("a", "b"):
        for pose in poses:
            people = People(pose, np.ones(3, np.float32))
            writer.write(make_result(PIXELS, name=step, people=people))
    writer.close()
    assert set(os.listdir(tmp_path)) == {f"a_pose.{format}", f"b_pose.{format}"}
    for view, pose in enumerate(poses):
        found = read_back(tmp_path / f"b_pose.{format}", f"pose_{view}")
        np.testing.assert_array_equal(found, pose)


def test_other_formats_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="one of json, xml, yaml, yml, got 'txt'"):
        KeypointStorage(tmp_path, "txt")
