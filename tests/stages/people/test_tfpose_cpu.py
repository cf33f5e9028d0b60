import json
from pathlib import Path

import numpy as np
import pytest
from drawn.limb_maps import COCO, limb_maps, random_limb_maps
from hypothesis import given, settings
from hypothesis import strategies as st

from openpose_py.records import Geometry, Maps
from openpose_py.stages.people import tfpose_reference
from openpose_py.stages.people.tfpose_cpu import decode_tfpose

ZOO = Path(__file__).parents[2] / "golden" / "zoo"
CASES = json.loads((ZOO / "tfpose_mobilenet_v2_small.json").read_text())["cases"]


def assert_same(maps: Maps, ratio: float) -> int:
    """Both backends find the same, to the last bit; returns how many people."""
    wanted, wanted_peaks = tfpose_reference.decode_tfpose(maps, COCO, ratio)
    found, peaks = decode_tfpose(maps, COCO, ratio)
    assert np.array_equal(peaks.starts, wanted_peaks.starts)
    assert np.array_equal(peaks.table, wanted_peaks.table)
    assert np.array_equal(found.keypoints, wanted.keypoints)
    assert np.array_equal(found.scores, wanted.scores)
    return len(found)


@pytest.mark.parametrize("ratio", [4.0, 8.0, 2.5])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["key"])
def test_stored_maps_have_the_same_people(case: dict, ratio: float) -> None:
    with np.load(ZOO / "tfpose_mobilenet_v2_small.npz") as stored:
        cells = stored[f"{case['key']}_output_f16"].astype(np.float32).transpose(2, 0, 1)
    geometry = Geometry((864, 736), ((432, 368),), (0.5,), (864, 736), 1.0, 2.0, 0.25)
    people = assert_same(Maps((cells,), geometry), ratio)
    assert ratio != 4 or people == len(case["people_from_f16_map"])


@given(random_limb_maps(), st.sampled_from([4.0, 8.0, 2.5]))
@settings(max_examples=100, deadline=None)
def test_random_maps_have_the_same_people(maps: Maps, ratio: float) -> None:
    assert_same(maps, ratio)


def test_random_maps_have_people() -> None:
    assert sum(assert_same(limb_maps(seed, (9, 11)), 4.0) for seed in range(12)) > 5


def test_maps_that_are_no_numbers_end_in_some_answer() -> None:
    maps = limb_maps(2, (6, 7))
    maps.scales[0].flat[::97] = np.nan
    maps.scales[0].flat[::101] = np.inf
    people, _ = decode_tfpose(maps, COCO)
    assert people.keypoints.shape[1:] == (18, 3)
