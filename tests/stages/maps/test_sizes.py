"""Sizes, factors and network inputs against OpenPose's own answers."""

import json
import math
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openpose_py.errors import StageError
from openpose_py.records import Frame
from openpose_py.stages.maps.net_input import letter_box, net_input, normalised
from openpose_py.stages.maps.sizes import SizeWishes, geometry_of

GOLDEN = Path(__file__).parents[2] / "golden" / "sizes"
ROWS = [row for row in json.loads((GOLDEN / "net_sizes.json").read_text())["rows"]]
CASES = json.loads((GOLDEN / "images_cases.json").read_text())
IMAGES = np.load(GOLDEN / "images.npz")
opencv4 = pytest.mark.skipif(
    cv2.__version__.startswith("5"), reason="OpenCV 5 rewrote warpAffine: other grey levels"
)


def test_sizes_and_factors_equal_openpose_bit_for_bit():
    compared = 0
    for row in ROWS:
        if row.get("error"):
            continue  # refused by the checks of the flags
        geometry = geometry_of(tuple(row["input"]), wishes_of(row))
        assert [list(size) for size in geometry.net_sizes] == row["net_input_sizes"], row
        assert list(geometry.output_size) == row["output_size"], row
        pairs = [
            *zip(row["scale_input_to_net_inputs"], geometry.frame_to_net, strict=True),
            (row["scale_input_to_output"], geometry.frame_to_output),
            (row["scale_net_to_output"], geometry.net_to_frame),
            (row["nms_offset"], geometry.peak_offset),
        ]
        for golden, ours in pairs:  # None: OpenPose divides by zero
            assert golden is None or golden == ours, row
            compared += golden is not None
    assert compared > 900


@opencv4
def test_network_inputs_equal_openpose_byte_for_byte():
    compared = 0
    for number, case in enumerate(CASES):
        image = IMAGES[f"image_{number}"]
        for scale, (size, factor) in enumerate(zip(case["net_sizes"], case["scales"], strict=True)):
            box = letter_box(image, factor, tuple(size))
            golden = IMAGES[f"net_u8_{number}_{scale}"][0].transpose(1, 2, 0)
            np.testing.assert_array_equal(box, golden)
            compared += 1
    assert compared >= len(CASES)


def test_normalisation_equals_openpose_bit_for_bit():
    for name in IMAGES.files:
        if name.startswith("net_input_default"):
            number = name.removeprefix("net_input_default_")
            pixels = IMAGES[f"net_u8_{number}"][0].transpose(1, 2, 0)
            np.testing.assert_array_equal(normalised(pixels), IMAGES[name])


@given(
    width=st.integers(1, 5000),
    height=st.integers(1, 5000),
    side=st.sampled_from([(-1, 16), (-1, 368), (-1, 736), (656, 368), (320, -1), (1312, 736)]),
    dynamic=st.sampled_from([-1.0, 1.0, 2.5]),
    scales=st.integers(1, 3),
)
def test_every_frame_has_a_geometry_that_fits(width, height, side, dynamic, scales):
    geometry = geometry_of((width, height), SizeWishes(side, dynamic, scale_number=scales))
    for (net_width, net_height), factor in zip(
        geometry.net_sizes, geometry.frame_to_net, strict=True
    ):
        assert net_width >= 1 and net_height >= 1
        assert math.isfinite(factor) and factor >= 0
    assert geometry.net_sizes[0][0] % 16 == geometry.net_sizes[0][1] % 16 == 0
    assert 0 < geometry.net_to_frame < math.inf
    assert 0 < geometry.peak_offset < math.inf


def test_a_scale_that_vanishes_is_an_error_that_names_the_flag():
    frame = Frame(np.zeros((48, 64, 3), np.uint8), 0, "a", 0.0, "a.png")
    with pytest.raises(StageError, match="scale_number"):
        net_input(frame, SizeWishes((64, 48), scale_number=5))
    with pytest.raises(StageError, match="scale_gap"):
        net_input(frame, SizeWishes((64, 48), scale_number=6))


def wishes_of(row: dict) -> SizeWishes:
    return SizeWishes(
        net_resolution=tuple(row["net_resolution"]),
        net_resolution_dynamic=row["net_resolution_dynamic"],
        output_resolution=tuple(row["output_resolution"]),
        scale_number=row["scale_number"],
        scale_gap=row["scale_gap"],
    )
