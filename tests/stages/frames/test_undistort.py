"""Camera files, and pictures without the distortion of a lens."""

import random
from pathlib import Path

import cv2
import numpy as np
import pytest

from openpose_py.errors import InputError
from openpose_py.stages.frames.undistort import (
    CameraParameters,
    Undistorter,
    camera_files,
    read_camera_xml,
)

INTRINSICS = np.array([[300.0, 0, 160], [0, 310, 120], [0, 0, 1]])
EXTRINSICS = np.hstack([np.eye(3), [[0.5], [-0.25], [2]]])
DISTORTION = np.array([-0.3, 0.1, 0.001, -0.002, 0.02, 0, 0, 0])


def _write(path: Path, **matrices: object) -> Path:
    """A camera's file; a matrix may be replaced, or left out with None."""
    given = {"CameraMatrix": EXTRINSICS, "Intrinsics": INTRINSICS, "Distortion": DISTORTION}
    storage = cv2.FileStorage(str(path), cv2.FILE_STORAGE_WRITE)
    for name, matrix in {**given, **matrices}.items():
        if matrix is not None:
            storage.write(name, matrix)
    storage.release()
    return path


def _parameters(distortion: np.ndarray = DISTORTION) -> CameraParameters:
    return CameraParameters("1", EXTRINSICS, INTRINSICS, distortion)


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    parameters = read_camera_xml(_write(tmp_path / "18079958.xml"))
    assert parameters.name == "18079958"
    assert parameters.extrinsics.tolist() == EXTRINSICS.tolist()
    assert parameters.intrinsics.tolist() == INTRINSICS.tolist()
    assert parameters.distortion.tolist() == DISTORTION.tolist()
    assert parameters.initial_extrinsics is None


def test_the_extrinsics_before_a_refinement_are_kept(tmp_path: Path) -> None:
    parameters = read_camera_xml(_write(tmp_path / "a.xml", CameraMatrixInitial=EXTRINSICS * 2))
    assert parameters.initial_extrinsics is not None
    assert parameters.initial_extrinsics.tolist() == (EXTRINSICS * 2).tolist()


def test_the_projection_maps_metres_to_pixels() -> None:
    x, y, depth = _parameters().projection @ [0, 0, 0, 1]
    assert (x / depth, y / depth) == pytest.approx((160 + 300 * 0.25, 120 - 310 * 0.125))


@pytest.mark.parametrize("count", [4, 5, 8, 12, 14])
@pytest.mark.parametrize("type_", [np.float32, np.float64])
def test_every_length_of_distortion_and_both_kinds_of_number_are_read(
    tmp_path: Path, count: int, type_: type
) -> None:
    distortion = np.linspace(0, 0.5, count, dtype=type_)[None]
    parameters = read_camera_xml(_write(tmp_path / "a.xml", Distortion=distortion))
    assert parameters.distortion.tolist() == pytest.approx(distortion[0].tolist())
    assert parameters.distortion.dtype == np.float64


@pytest.mark.parametrize("name", ["a?b.xml", "é 日.xml", "a.XML"])
def test_odd_file_names_are_read(tmp_path: Path, name: str) -> None:
    path = _write(tmp_path / "plain.xml").rename(tmp_path / name)
    assert read_camera_xml(path).name == path.stem


def _holed(matrix: np.ndarray, value: float) -> np.ndarray:
    holed = matrix.copy()
    holed[0, 0] = value
    return holed


@pytest.mark.parametrize(
    ("matrices", "what"),
    [
        ({"Intrinsics": None}, "Intrinsics is missing"),
        ({"CameraMatrix": None}, "CameraMatrix is missing"),
        ({"Distortion": None}, "Distortion is missing"),
        ({"Intrinsics": np.eye(4)}, "Intrinsics must be a matrix of 3x3 numbers"),
        ({"CameraMatrix": np.eye(3)}, "CameraMatrix must be a matrix of 3x4 numbers"),
        ({"Distortion": np.zeros((1, 6))}, "Distortion must be a matrix of 4x1 or 1x4 or 5x1"),
        ({"Distortion": np.zeros((4, 1, 2))}, "Distortion must be"),
        ({"CameraMatrixInitial": np.eye(2)}, "CameraMatrixInitial must be"),
        ({"Intrinsics": "none"}, "Intrinsics must be"),
        ({"Intrinsics": 7}, "Intrinsics must be"),
        ({"Intrinsics": _holed(INTRINSICS, 0)}, "focal lengths above 0"),
        ({"Intrinsics": _holed(INTRINSICS, np.nan)}, "not finite"),
        ({"CameraMatrix": _holed(EXTRINSICS, np.inf)}, "not finite"),
    ],
)
def test_what_is_missing_or_wrong_is_named(tmp_path: Path, matrices: dict, what: str) -> None:
    path = _write(tmp_path / "a.xml", **matrices)
    with pytest.raises(InputError, match=what) as caught:
        read_camera_xml(path)
    assert caught.value.where == str(path)


@pytest.mark.parametrize("content", [b"", b"hello", b"\xff\xfe\x00<", b"<a>", b"<?xml?>", b"{}"])
def test_what_is_no_camera_file_is_an_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.xml"
    path.write_bytes(content)
    with pytest.raises(InputError):
        read_camera_xml(path)


def test_a_huge_matrix_and_a_huge_file_cost_nothing(tmp_path: Path) -> None:
    path = _write(tmp_path / "a.xml")
    text = path.read_text().replace("<rows>3<", "<rows>2000000000<")
    path.write_text(text)
    with pytest.raises(InputError, match="must be a matrix"):
        read_camera_xml(path)
    path.write_text(text + " " * (1 << 20))
    with pytest.raises(InputError, match="too large"):
        read_camera_xml(path)


def test_damaged_files_are_errors_or_cameras_and_never_more(tmp_path: Path) -> None:
    text = _write(tmp_path / "a.xml").read_text()
    path, rng = tmp_path / "b.xml", random.Random(5)
    for _ in range(400):
        letters = list(text)
        for _ in range(rng.randint(1, 3)):
            at = rng.randrange(len(letters))
            letters[at : at + rng.randint(0, 9)] = rng.choice('0123456789<>/"-. x&')
        path.write_text("".join(letters))
        try:
            parameters = read_camera_xml(path)
        except InputError:
            continue
        assert np.isfinite(parameters.projection).all()


def test_a_folder_gives_its_files_in_natural_order(tmp_path: Path) -> None:
    for name in ("10.xml", "9.xml", "100.XML", "notes.txt"):
        (tmp_path / name).touch()
    assert [path.name for path in camera_files(tmp_path)] == ["9.xml", "10.xml", "100.XML"]
    assert camera_files(tmp_path / "9.xml") == [tmp_path / "9.xml"]


def test_a_folder_without_cameras_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no XML file"):
        camera_files(tmp_path)
    with pytest.raises(InputError, match="no such file") as caught:
        camera_files(tmp_path / "gone")
    assert caught.value.where == f"--camera_parameter_path {tmp_path / 'gone'}"


def _noise(size: tuple[int, int], seed: int = 3) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (size[1], size[0], 3), np.uint8)


def test_without_distortion_pictures_stay_as_they_are() -> None:
    pixels = _noise((320, 240))
    assert np.array_equal(Undistorter(_parameters(np.zeros(8))).undistort(pixels), pixels)


def test_points_go_where_the_lens_model_says() -> None:
    """A white dot where the lens shows a point stands where a pinhole camera would show it."""
    straight = np.array([[[60.0, 50.0]], [[250.0, 60.0]], [[80.0, 200.0]], [[160.0, 120.0]]])
    rays = (straight - INTRINSICS[:2, 2]) / INTRINSICS.diagonal()[:2]
    rays = np.concatenate([rays, np.ones_like(rays[..., :1])], axis=2)
    bent, _ = cv2.projectPoints(rays, np.zeros(3), np.zeros(3), INTRINSICS, DISTORTION)
    assert np.abs(bent - straight).max() > 4
    for seen, true in zip(bent[:, 0], straight[:, 0], strict=True):
        pixels = np.zeros((240, 320, 3), np.uint8)
        cv2.circle(pixels, (round(seen[0]), round(seen[1])), 3, (255, 255, 255), -1)
        result = Undistorter(_parameters()).undistort(pixels)
        rows, columns = np.nonzero(result[:, :, 0] > 127)
        assert (columns.mean(), rows.mean()) == pytest.approx(tuple(true), abs=0.8)


def test_another_size_gets_maps_of_its_own() -> None:
    undistorter = Undistorter(_parameters())
    for size in ((320, 240), (200, 100), (320, 240)):
        pixels = _noise(size)
        expected = cv2.undistort(pixels, INTRINSICS, DISTORTION)
        result = undistorter.undistort(pixels)
        assert result.shape == pixels.shape
        assert np.abs(result.astype(int) - expected).mean() < 1
