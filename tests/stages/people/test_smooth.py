"""Steadier people, on drawn motion with known truth."""

import dataclasses

import numpy as np
import pytest
from drawn.moving_people import SKELETON
from drawn.smooth_figures import jitter, lag, points, results, standing, walking

from openpose_py.records import People, Result
from openpose_py.stages.people.smooth import FILE, LIVE, SmoothOptions, smoothed

FPS = 30.0
BOTH = pytest.mark.parametrize("how", [LIVE, FILE])


def smooth(given: list[Result], how: str, max_gap: int = 10, most: int = -1) -> list[Result]:
    return list(smoothed(SmoothOptions(how, max_gap, most))(given))


def without(given: list[Result], frames: range, parts: slice | None = None) -> list[Result]:
    """The person, or parts of it, are not found in those frames."""
    changed = list(given)
    for n in frames:
        people = given[n].people
        if parts is None:
            changed[n] = dataclasses.replace(
                given[n], people=People.nobody(25), person_ids=np.zeros(0, np.int64)
            )
            continue
        keypoints = people.keypoints.copy()
        keypoints[:, parts] = 0
        changed[n] = dataclasses.replace(given[n], people=People(keypoints, people.scores))
    return changed


@BOTH
@pytest.mark.parametrize("noise", [0.005, 0.01])
def test_still_joints_jitter_a_third_at_most(how, noise):
    given = results(standing(180), FPS, noise)
    before, after = jitter(points(given), FPS), jitter(points(smooth(given, how)), FPS)
    assert before / after >= 3


def test_live_smoothing_lags_less_than_15_ms():
    truth = walking(180, FPS)
    assert abs(lag(points(smooth(results(truth, FPS), LIVE)), truth, FPS)) < 0.015


def test_smoothing_of_files_has_no_lag():
    truth = walking(180, FPS)
    assert abs(lag(points(smooth(results(truth, FPS), FILE)), truth, FPS)) <= 0.001


@BOTH
@pytest.mark.parametrize("fps", [10, 30, 60])
def test_moving_people_come_nearer_to_the_truth(how, fps):
    truth = walking(fps * 4, fps)
    given = results(truth, fps, 0.015)
    raw, steady = (
        np.linalg.norm(points(one) - truth, axis=2).mean() for one in (given, smooth(given, how))
    )
    assert steady < raw


@BOTH
def test_raw_values_stay_as_they_were_found(how):
    given = results(walking(40, FPS), FPS, lost=0.2)
    for before, after in zip(given, smooth(given, how), strict=True):
        np.testing.assert_array_equal(after.raw_pose, before.people.keypoints)
        assert after.frame is before.frame and after.person_ids.tolist() == [7]
        found = before.people.keypoints[..., 2] > 0
        assert not (after.pose_filled & found).any()


@BOTH
def test_gaps_of_parts_are_filled_marked_and_near_the_truth(how):
    truth = walking(60, FPS)
    wrist = SKELETON.parts.index("LWrist")
    given = without(results(truth, FPS, 0.005), range(30, 35), slice(wrist, wrist + 1))
    steady = smooth(given, how)
    for n in range(30, 35):
        assert steady[n].pose_filled[0].nonzero()[0].tolist() == [wrist]
        assert steady[n].people.keypoints[0, wrist, 2] > 0
        off = np.linalg.norm(steady[n].people.keypoints[0, wrist, :2] - truth[n, wrist])
        assert off < (30 if how == LIVE else 12)  # pixels, of a person 300 high
    assert not steady[36].pose_filled.any()


@BOTH
def test_a_person_who_flickers_is_filled_in(how):
    truth = walking(60, FPS)
    steady = smooth(without(results(truth, FPS, 0.005), range(30, 34)), how)
    for n in range(30, 34):
        assert steady[n].person_ids.tolist() == [7] and steady[n].pose_filled.all()
        assert not steady[n].raw_pose.any()
        off = np.linalg.norm(steady[n].people.keypoints[0, :, :2] - truth[n], axis=1)
        assert np.median(off) < 15


def test_files_fill_gaps_of_max_gap_frames_and_no_longer_ones():
    for frames, filled in ((3, 3), (4, 0)):
        gap = range(20, 20 + frames)
        steady = smooth(without(results(walking(50, FPS), FPS), gap), FILE, max_gap=3)
        assert sum(len(one.people) for one in steady) == 50 - frames + filled


def test_live_goes_on_for_max_gap_frames_and_no_longer():
    steady = smooth(without(results(walking(50, FPS), FPS), range(20, 30)), LIVE, max_gap=3)
    assert [len(one.people) for one in steady[18:32]] == [1] * 5 + [0] * 7 + [1] * 2
    scores = [one.people.keypoints[0, 0, 2] for one in steady[19:23]]
    assert scores == sorted(scores, reverse=True)


@BOTH
def test_no_gap_is_filled_with_max_gap_0(how):
    given = without(results(walking(30, FPS), FPS, lost=0.2), range(10, 12))
    steady = smooth(given, how, max_gap=0)
    assert not any(one.pose_filled.any() for one in steady)
    for before, after in zip(given, steady, strict=True):
        np.testing.assert_array_equal(
            after.people.keypoints[..., 2], before.people.keypoints[..., 2]
        )


@BOTH
def test_nobody_is_added_beyond_the_most_people_wanted(how):
    given = without(results(walking(40, FPS), FPS), range(20, 24))
    other = results(standing(40), FPS)[20]
    other = dataclasses.replace(other, person_ids=np.array([8]))
    given[20:24] = [dataclasses.replace(other, frame=given[n].frame) for n in range(20, 24)]
    assert {len(one.people) for one in smooth(given, how, most=1)} == {1}


@BOTH
def test_filled_points_stay_inside_the_picture(how):
    truth = walking(60, FPS)
    truth[..., 0] += 1800 - truth[30, :, 0].min()
    given = without(results(truth, FPS), range(31, 60) if how == LIVE else range(31, 40))
    for one in smooth(given, how, max_gap=40):
        seen = one.people.keypoints[one.pose_filled]
        assert (seen[:, 0] < one.frame.size[0]).all() and (seen[:, :2] >= 0).all()


@BOTH
def test_views_and_order_of_frames_stay(how):
    given = []
    for one in results(walking(25, FPS), FPS):
        for view in (0, 1):
            frame = dataclasses.replace(one.frame, view=view)
            given.append(dataclasses.replace(one, frame=frame))
    steady = smooth(given, how)
    assert [(r.frame.index, r.frame.view) for r in steady] == [
        (r.frame.index, r.frame.view) for r in given
    ]
    for first, second in zip(steady[::2], steady[1::2], strict=True):
        np.testing.assert_array_equal(first.people.keypoints, second.people.keypoints)


@BOTH
def test_a_single_frame_and_empty_frames_pass(how):
    one = results(standing(1), FPS)
    (steady,) = smooth(one, how)
    np.testing.assert_allclose(steady.people.keypoints, one[0].people.keypoints, atol=1e-3)
    empty = smooth(without(results(standing(5), FPS), range(5)), how)
    assert [len(r.people) for r in empty] == [0] * 5 and empty[0].raw_pose.shape == (0, 25, 3)


def test_unsure_points_move_the_filter_less():
    moved = []
    for score in (0.05, 0.9):
        given = results(standing(20), FPS, 0)
        given[-1].people.keypoints[0, :, 0] += 10
        given[-1].people.keypoints[0, :, 2] = score
        step = points(smooth(given, LIVE))[-1] - points(given)[0]
        moved.append(step[:, 0].mean())
    assert 0 < moved[0] < moved[1]


def test_files_wait_only_as_many_frames_as_they_need():
    taken = 0

    def source():
        nonlocal taken
        for one in results(walking(60, FPS), FPS):
            taken += 1
            yield one

    next(smoothed(SmoothOptions(FILE, 10))(source()))
    assert taken <= 10 + 3 * 0.07 * FPS + 2
