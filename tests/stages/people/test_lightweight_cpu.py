import json
from pathlib import Path

import numpy as np
import pytest
from drawn.limb_maps import COCO, limb_maps, random_limb_maps
from hypothesis import given, settings

from openpose_py.records import Geometry, Maps
from openpose_py.stages.people import lightweight_reference
from openpose_py.stages.people.lightweight_cpu import decode_lightweight

ZOO = Path(__file__).parents[2] / "golden" / "zoo"
RESULTS = json.loads((ZOO / "lightweight_decoder.json").read_text())["results"]


def assert_same(maps: Maps) -> int:
    """Both backends find the same, to the last bit; returns how many people."""
    wanted, wanted_peaks = lightweight_reference.decode_lightweight(maps, COCO)
    found, peaks = decode_lightweight(maps, COCO)
    assert np.array_equal(peaks.starts, wanted_peaks.starts)
    assert np.array_equal(peaks.table, wanted_peaks.table)
    assert np.array_equal(found.keypoints, wanted.keypoints)
    assert np.array_equal(found.scores, wanted.scores)
    return len(found)


@pytest.mark.parametrize("key", RESULTS)
def test_stored_maps_have_the_same_people(key: str) -> None:
    with np.load(ZOO / "tfpose_mobilenet_v2_small.npz") as stored:
        cells = stored[key].astype(np.float32).transpose(2, 0, 1)
    geometry = Geometry((864, 736), ((432, 368),), (0.5,), (864, 736), 1.0, 2.0, 0.25)
    assert assert_same(Maps((cells,), geometry)) == len(RESULTS[key]["poses"])


@given(random_limb_maps())
@settings(max_examples=100, deadline=None)
def test_random_maps_have_the_same_people(maps: Maps) -> None:
    assert_same(maps)


def test_random_maps_have_people() -> None:
    assert sum(assert_same(limb_maps(seed, (9, 11))) for seed in range(12)) > 5


def test_maps_that_are_no_numbers_end_in_some_answer() -> None:
    maps = limb_maps(2, (6, 7))
    maps.scales[0].flat[::97] = np.nan
    maps.scales[0].flat[::101] = np.inf
    people, _ = decode_lightweight(maps, COCO)
    assert people.keypoints.shape[1:] == (18, 3)
