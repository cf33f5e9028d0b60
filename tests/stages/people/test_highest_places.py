import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from drawn.ruled_networks import ruled_network

from openpose_py.stages.maps.square_inputs import SCALES, square_inputs
from openpose_py.stages.people.highest_places import highest_places, mean_in_frame

ROOT = Path(__file__).parents[3]
CASES = json.loads((ROOT / "tests" / "golden" / "alphapose" / "gccpm_inference.json").read_text())
MARKED = [
    pytest.param(one, scales, id=one["case"], marks=() if len(scales) == 1 else pytest.mark.slow)
    for one, scales in zip(CASES["cases"], ((1.0,), SCALES), strict=True)
]


@pytest.fixture(scope="module")
def network() -> torch.nn.Module:
    return ruled_network("gccpm_5stages_17maps", 1.0, "bilinear")


@pytest.mark.parametrize(("case", "scales"), MARKED)
def test_the_whole_way_is_that_of_gccpm(
    case: dict, scales: tuple[float, ...], network: torch.nn.Module
) -> None:
    frame = cv2.imread(str(ROOT / "examples" / "media" / "grace_hopper.jpg"))
    inputs = square_inputs(frame, scales)
    maps = [network(torch.from_numpy(one.tensor))[0].numpy() for one in inputs]
    size = frame.shape[1], frame.shape[0]
    mean = mean_in_frame(maps, [one.corner for one in inputs], [one.size for one in inputs], size)
    y, x, channel = np.array(case["points_yxc"]).T
    assert list(mean.shape) == case["shape"]
    np.testing.assert_allclose(mean[y, x, channel], case["values"], atol=5e-5 * case["std"])
    assert highest_places(mean, 16)[:, :2].tolist() == case["argmax_xy"]


def test_the_first_of_equal_pixels_wins_and_the_background_does_not_count() -> None:
    mean = np.zeros((4, 5, 3), np.float32)
    mean[2, 3, 0] = mean[3, 1, 0] = 0.5
    mean[..., 1] = -1
    mean[0, 0, 2] = 9
    assert highest_places(mean, 2).tolist() == [[3, 2, 0.5], [0, 0, -1]]
