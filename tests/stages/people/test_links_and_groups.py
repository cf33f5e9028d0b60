"""Each step from peaks to people alone, fed with OpenPose's answer to the step before."""

import dataclasses

import numpy as np
import pytest
from drawn.decoder_scenes import NAMES, QUICK, scene

from openpose_py.records import Peaks
from openpose_py.stages.people import assemble, limbs_cpu, reference_people
from openpose_py.stages.people.grid import grid_of
from openpose_py.stages.people.options import DecodeOptions, Groups, Links
from openpose_py.stages.people.reference_maps import upsample
from openpose_py.stages.people.reject import keep, people_from
from openpose_py.zoo.skeletons import read_skeleton

ASSEMBLE = {"reference": reference_people.assemble, "cpu": assemble.assemble}
BODY_25, BODY_135 = read_skeleton("BODY_25"), read_skeleton("BODY_135")
OPTIONS = DecodeOptions(0.05, 0.05, 0.95, 3, 0.4)


@pytest.mark.parametrize("name", QUICK)
def test_the_definition_scores_limbs_as_openpose(name):
    golden = scene(name)
    links = reference_people.score_limbs(
        upsample(golden.maps), golden.peaks, golden.skeleton, golden.options
    )
    np.testing.assert_array_equal(links.index, golden.links.index)
    np.testing.assert_array_equal(links.scores, golden.links.scores)


@pytest.mark.parametrize("name", NAMES)
def test_compiled_limbs_score_as_openpose(name):
    golden = scene(name)
    links = limbs_cpu.score_limbs(
        grid_of(golden.maps, 0), golden.peaks, golden.skeleton, golden.options
    )
    np.testing.assert_array_equal(links.index, golden.links.index)
    np.testing.assert_array_equal(links.scores, golden.links.scores)


@pytest.mark.parametrize("name", NAMES)
def test_links_are_sorted_as_openpose_sorts_them(name):
    golden = scene(name)
    order = reference_people.link_order(golden.peaks, golden.links, golden.skeleton)
    np.testing.assert_array_equal(order, golden.best_first)


@pytest.mark.parametrize("backend", ASSEMBLE)
@pytest.mark.parametrize("name", NAMES)
def test_links_become_the_groups_of_openpose(name, backend):
    golden = scene(name)
    groups = ASSEMBLE[backend](golden.peaks, golden.links, golden.skeleton)
    np.testing.assert_array_equal(groups.peaks, golden.groups.peaks)
    np.testing.assert_array_equal(groups.scores, golden.groups.scores)


@pytest.mark.parametrize("name", NAMES)
def test_groups_become_the_people_of_openpose(name):
    golden = scene(name)
    people = people_from(
        golden.groups,
        golden.peaks,
        len(golden.skeleton.limbs),
        golden.maps.geometry.net_to_frame,
        golden.options,
    )
    wanted = golden.answers["cuda_keypoints"].reshape(-1, len(golden.skeleton.parts), 3)
    np.testing.assert_array_equal(people.keypoints, wanted)
    np.testing.assert_array_equal(people.scores, golden.answers["cuda_scores"])


@pytest.mark.parametrize("backend", ASSEMBLE)
def test_without_links_there_are_no_groups(backend):
    nothing = Links(np.zeros((0, 3), np.int32), np.zeros(0, np.float32))
    peaks = Peaks(np.zeros((0, 3), np.float32), np.zeros(26, np.int64))
    groups = ASSEMBLE[backend](peaks, nothing, BODY_25)
    assert groups.peaks.shape == (0, 25) and groups.scores.shape == (0,)


@pytest.mark.parametrize("backend", ASSEMBLE)
def test_of_equal_links_the_later_one_comes_first(backend):
    """One neck, two equal hips: both links have the same score, and the second peak wins."""
    table = np.array([[10, 10, 0.5], [10, 40, 0.5], [20, 40, 0.5]], np.float32)
    starts = np.array([0, 0] + [1] * 7 + [3] * 17, np.int64)
    links = Links(np.array([[0, 0, 0], [0, 0, 1]], np.int32), np.array([0.5, 0.5], np.float32))
    groups = ASSEMBLE[backend](Peaks(table, starts), links, BODY_25)
    assert groups.peaks[0, 8] == 1 and len(groups.scores) == 1


def group_of(parts: range | list[int], score: float, of: int = 25) -> Groups:
    peaks = np.full((1, of), -1, np.int32)
    peaks[0, list(parts)] = 0
    return Groups(peaks, np.array([score], np.float32))


@pytest.mark.parametrize(
    ("parts", "score", "stays"),
    [
        (range(3), 1.2, True),
        (range(3), 1.19, False),  # less than 0.4 a part
        (range(2), 2.0, False),  # fewer than three parts
        ([1, 8, 9, 10, 19], 5.0, False),  # four parts and a foot
        ([1, 8, 9, 10, 11, 19], 5.0, True),
        ([0, 1, 8, 9, 10, 19, 20, 21], 2.0, True),  # feet are not counted: five parts
    ],
)
def test_weak_groups_are_removed(parts, score, stays):
    kept, _, _ = keep(group_of(parts, score), False, OPTIONS)
    assert len(kept) == stays


def test_feet_count_as_parts_when_positives_are_maximized():
    kept, _, _ = keep(group_of([11, 22, 23, 24], 5.0), True, OPTIONS)
    assert len(kept) == 1


def test_a_hand_or_a_face_counts_as_one_part():
    for some in (range(25, 45), range(45, 65)):
        kept, _, _ = keep(group_of(some, 50.0, 135), False, OPTIONS)
        assert len(kept) == 0
    kept, loose, faced = keep(group_of(range(65, 135), 70.0, 135), False, OPTIONS)
    assert (len(kept), len(loose), len(faced)) == (0, 1, 0)
    body_and_face = [*range(10), *range(65, 135)]
    kept, loose, faced = keep(group_of(body_and_face, 70.0, 135), False, OPTIONS)
    assert (len(kept), len(loose), len(faced)) == (1, 0, 1)


def test_when_nobody_is_left_feet_are_let_through():
    feet = group_of([11, 22, 23, 24], 5.0)
    table = np.full((25, 3), 0.5, np.float32)
    peaks = Peaks(table, np.arange(26))
    assert len(people_from(feet, peaks, 26, 1.0, OPTIONS)) == 1
    stricter = dataclasses.replace(OPTIONS, min_parts=5)
    assert len(people_from(feet, peaks, 26, 1.0, stricter)) == 0
