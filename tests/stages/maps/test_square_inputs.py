import numpy as np
import pytest

from openpose_py.stages.maps.square_inputs import SCALES, square_inputs


@pytest.mark.parametrize("size", [(512, 600), (640, 480), (256, 256), (3, 2000), (2000, 1)])
def test_the_frame_lies_in_the_middle_of_a_square(size: tuple[int, int]) -> None:
    frame = np.zeros((size[1], size[0], 3), np.uint8)
    for one, side in zip(square_inputs(frame, SCALES), (192, 256, 320), strict=True):
        assert one.tensor.shape == (1, 3, side, side) and one.tensor.dtype == np.float32
        assert max(one.size) == side
        (left, top), (width, height) = one.corner, one.size
        assert 0 <= side - width - 2 * left <= 1 and 0 <= side - height - 2 * top <= 1
        inside = one.tensor[0, 0, top : top + height, left : left + width]
        assert (inside == -0.5).all()
        assert (one.tensor == 0).sum() == 3 * (side * side - width * height)


def test_values_are_b_g_r_from_minus_to_plus_a_half() -> None:
    frame = np.full((256, 256, 3), (0, 128, 255), np.uint8)
    (one,) = square_inputs(frame)
    np.testing.assert_array_equal(one.tensor[0, :, 100, 100], [-0.5, 0, 127 / 256])
