import cv2
import numpy as np
import pytest

from openpose_py.stages.pictures.thick_lines import FARTHEST, draw_line

WHITE = (255, 255, 255)
VERSION = tuple(int(number) for number in cv2.__version__.split(".")[:2])


def canvas() -> np.ndarray:
    return np.zeros((60, 80, 3), np.uint8)


def random_lines(inside: bool) -> list[tuple[list[int], list[int], int]]:
    numbers = np.random.default_rng(7)
    low, high = (15, 45) if inside else (-60, 140)
    ends = numbers.integers(low, high, (2000, 4)).tolist()
    widths = numbers.integers(1, 14, 2000).tolist()
    return [(xy[:2], xy[2:], width) for xy, width in zip(ends, widths, strict=True)]


@pytest.mark.parametrize("inside", [True, False])
def test_lines_are_those_of_opencv_up_to_4_12(inside: bool) -> None:
    if not inside and VERSION >= (4, 13):
        pytest.skip("cv2.line cuts lines that leave the picture differently since OpenCV 4.13")
    for start, end, width in random_lines(inside):
        wanted = cv2.line(canvas(), start, end, WHITE, width)
        drawn = canvas()
        draw_line(drawn, start, end, WHITE, width)
        np.testing.assert_array_equal(drawn, wanted, f"{start} {end} {width}")


def test_a_line_without_length_is_a_disc() -> None:
    drawn = canvas()
    draw_line(drawn, [40, 30], [40, 30], WHITE, 9)
    assert 60 < (drawn[..., 0] > 0).sum() < 100


def test_ends_far_outside_are_no_error() -> None:
    drawn = canvas()
    draw_line(drawn, [-FARTHEST - 9, 30], [FARTHEST + 9, 30], WHITE, 5)
    assert (drawn[30] == 255).all()
    assert not drawn[40:].any()
