"""`--frame_rotate` and `--frame_flip` against OpenPose's own answers."""

from pathlib import Path

import numpy as np
import pytest

from openpose_py.stages.frames.orientation import orient

GOLDEN = Path(__file__).parents[2] / "golden"


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_every_turn_and_mirror_is_that_of_openpose(rotate: int, flip: bool) -> None:
    with np.load(GOLDEN / "sizes" / "images.npz") as images:
        picture, expected = images["rotate_image"], images[f"rotate_{rotate}_flip{int(flip)}"]
    turned = orient(picture, rotate, flip)
    np.testing.assert_array_equal(turned, expected)
    assert turned.flags.c_contiguous


def test_the_picture_itself_stays_as_it_is() -> None:
    picture = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    before = picture.copy()
    orient(picture, 90, True)
    np.testing.assert_array_equal(picture, before)
    assert np.shares_memory(orient(picture, 0, False), picture)
