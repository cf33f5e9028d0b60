import os
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from openpose_py.errors import OutputError, UsageError
from openpose_py.records import Result
from openpose_py.stages.writers.image_files import ImageFiles

MakeResult = Callable[..., Result]

NOISE = np.random.default_rng(3).integers(0, 256, (48, 64, 3), dtype=np.uint8)


@pytest.mark.parametrize("format", ["png", "bmp", "tiff", ".png", "PNG"])
def test_the_drawn_picture_is_read_back(
    tmp_path: Path, make_result: MakeResult, format: str
) -> None:
    writer = ImageFiles(tmp_path, format)
    writer.write(make_result(np.zeros_like(NOISE), name="a", picture=NOISE))
    writer.close()
    name = f"a_rendered.{format.removeprefix('.')}"
    assert os.listdir(tmp_path) == [name]
    np.testing.assert_array_equal(cv2.imread(str(tmp_path / name)), NOISE)


def test_without_a_drawn_picture_the_frame_is_written(
    tmp_path: Path, make_result: MakeResult
) -> None:
    ImageFiles(tmp_path, "png").write(make_result(NOISE, name="a"))
    np.testing.assert_array_equal(cv2.imread(str(tmp_path / "a_rendered.png")), NOISE)


def test_jpeg_has_the_usual_quality(tmp_path: Path, make_result: MakeResult) -> None:
    smooth = cv2.GaussianBlur(NOISE, (0, 0), 4)
    ImageFiles(tmp_path, "jpg").write(make_result(smooth, name="a"))
    assert cv2.PSNR(cv2.imread(str(tmp_path / "a_rendered.jpg")), smooth) > 38


@pytest.mark.parametrize("format", ["pgn", "", "mp4", "../png"])
def test_an_unknown_format_is_refused_at_once(tmp_path: Path, format: str) -> None:
    with pytest.raises(UsageError) as caught:
        ImageFiles(tmp_path, format)
    assert caught.value.where == "--write_images_format"
    assert "png, jpg" in caught.value.hint


def test_a_picture_too_large_for_its_format_is_one_error(
    tmp_path: Path, make_result: MakeResult
) -> None:
    long = np.zeros((1, 70000, 3), np.uint8)
    with pytest.raises(OutputError, match="70000x1 cannot be stored as jpg"):
        ImageFiles(tmp_path, "jpg").write(make_result(long))
    assert not os.listdir(tmp_path)


def test_a_full_disk_is_one_error_and_leaves_whole_files(
    tiny_disk: Path, make_result: MakeResult
) -> None:
    noise = np.random.default_rng(4).integers(0, 256, (120, 160, 3), dtype=np.uint8)
    writer = ImageFiles(tiny_disk, "png")
    with pytest.raises(OutputError, match="No space left"):
        for index in range(9):
            writer.write(make_result(noise, index))
    names = os.listdir(tiny_disk)
    assert len(names) == 4
    for name in names:
        np.testing.assert_array_equal(cv2.imread(str(tiny_disk / name)), noise)
