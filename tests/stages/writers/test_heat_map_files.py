import os
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from openpose_py.errors import OutputError, UsageError
from openpose_py.records import Result
from openpose_py.stages.writers.heat_map_files import HeatMapFiles, side_by_side

MakeResult = Callable[..., Result]

FILES = Path(__file__).parents[2] / "golden" / "files" / "write_heatmaps"
WRITTEN = sorted(path.name for path in FILES.iterdir() if path.suffix != ".npz")
PIXELS = np.zeros((4, 4, 3), np.uint8)


def golden_maps(name: str) -> np.ndarray:
    with np.load(FILES / "heat_maps.npz") as stored:
        return stored[name.split("_pose_")[0]]


def grey(path: Path) -> np.ndarray:
    picture = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert picture is not None
    return picture


@pytest.mark.parametrize("name", [name for name in WRITTEN if name.endswith(".float")])
def test_every_byte_of_raw_values_is_openposes(
    name: str, tmp_path: Path, make_result: MakeResult
) -> None:
    frame = name.split("_pose_")[0]
    HeatMapFiles(tmp_path, "float").write(
        make_result(PIXELS, name=frame, heat_maps=golden_maps(name))
    )
    assert (tmp_path / name).read_bytes() == (FILES / name).read_bytes()


@pytest.mark.parametrize("name", [name for name in WRITTEN if name.endswith(".png")])
def test_every_pixel_is_openposes(name: str, tmp_path: Path, make_result: MakeResult) -> None:
    frame = name.split("_pose_")[0]
    HeatMapFiles(tmp_path, "png").write(
        make_result(PIXELS, name=frame, heat_maps=golden_maps(name))
    )
    written, wanted = grey(tmp_path / name), grey(FILES / name)
    assert written.dtype == wanted.dtype == np.uint8
    np.testing.assert_array_equal(written, wanted)


def test_channels_stand_side_by_side_rounded_and_cut_to_bytes() -> None:
    maps = np.array([[[0.4, 0.5], [1.49, 257]], [[-3, np.nan], [254.5, np.inf]]], np.float32)
    np.testing.assert_array_equal(side_by_side(maps), [[0, 1, 0, 0], [1, 255, 255, 255]])


@pytest.mark.parametrize("format", ["png", ".png", "bmp", "tiff"])
def test_the_format_names_the_file(format: str, tmp_path: Path, make_result: MakeResult) -> None:
    maps = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    writer = HeatMapFiles(tmp_path, format)
    writer.write(make_result(PIXELS, name="one", heat_maps=maps))
    writer.close()
    (name,) = os.listdir(tmp_path)
    assert name == f"one_pose_heatmaps.{format.lstrip('.')}"
    np.testing.assert_array_equal(grey(tmp_path / name), np.hstack([maps[0], maps[1]]))


def test_a_frame_without_heat_maps_has_no_file(tmp_path: Path, make_result: MakeResult) -> None:
    HeatMapFiles(tmp_path, "png").write(make_result(PIXELS))
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("format", ["", "mp3", "floats"])
def test_an_unknown_format_is_refused_at_the_start(format: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not a format that heat maps can be written in"):
        HeatMapFiles(tmp_path, format)


def test_a_picture_too_wide_for_its_format_is_an_error_that_names_another(
    tmp_path: Path, make_result: MakeResult
) -> None:
    maps = np.zeros((100, 2, 700), np.float32)
    HeatMapFiles(tmp_path, "png").write(make_result(PIXELS, heat_maps=maps))
    with pytest.raises(OutputError, match=r"70000x2 cannot be stored as jpg\n.*format png"):
        HeatMapFiles(tmp_path, "jpg").write(make_result(PIXELS, heat_maps=maps))
    assert len(os.listdir(tmp_path)) == 1
