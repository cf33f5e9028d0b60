from pathlib import Path

import cv2
import numpy as np
import pytest

from openpose_py.records import Geometry
from openpose_py.stages.pictures.canvas import output_canvas

GOLDEN = Path(__file__).parents[2] / "golden"
OPENCV = int(cv2.__version__.split(".")[0])


def geometry(frame: np.ndarray, size: tuple[int, int], factor: float) -> Geometry:
    frame_size = frame.shape[1], frame.shape[0]
    return Geometry(frame_size, ((16, 16),), (1.0,), size, factor, 1.0, 0.5)


@pytest.mark.skipif(OPENCV >= 5, reason="OpenCV 5 rewrote warpAffine; pixels need OpenCV 4")
@pytest.mark.parametrize("case", [0, 1, 2])
def test_every_pixel_is_openposes(case: int) -> None:
    with np.load(GOLDEN / "sizes" / "images.npz") as golden:
        frame, wanted = golden[f"output_image_{case}"], golden[f"output_{case}"]
        factor = float(golden[f"output_scale_{case}"])
    canvas = output_canvas(frame, geometry(frame, (wanted.shape[1], wanted.shape[0]), factor))
    assert canvas.dtype == np.uint8
    np.testing.assert_array_equal(canvas, wanted)


def test_the_rest_of_the_letter_box_is_black() -> None:
    frame = np.full((60, 80, 3), 200, np.uint8)
    canvas = output_canvas(frame, geometry(frame, (40, 50), 39 / 79))
    assert canvas.shape == (50, 40, 3)
    assert (canvas[:29] > 0).all()
    assert not canvas[31:].any()


def test_a_canvas_of_the_frames_size_is_a_copy_of_it() -> None:
    frame = np.arange(4 * 5 * 3, dtype=np.uint8).reshape(4, 5, 3)
    canvas = output_canvas(frame, geometry(frame, (5, 4), 1.0))
    np.testing.assert_array_equal(canvas, frame)
    assert not np.shares_memory(canvas, frame)


def test_factor_one_on_a_larger_canvas_keeps_the_pixels() -> None:
    frame = np.random.default_rng(1).integers(0, 256, (20, 30, 3), dtype=np.uint8)
    canvas = output_canvas(frame, geometry(frame, (40, 20), 1.0))
    np.testing.assert_array_equal(canvas[:, :30], frame)
    assert not canvas[:, 30:].any()
