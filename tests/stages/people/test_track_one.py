"""One person followed by optical flow, against OpenPose's own tracker and on drawn motion."""

from pathlib import Path

import numpy as np
import pytest

from openpose_py.errors import UsageError
from openpose_py.records import Frame, People, Result
from openpose_py.stages.people.track_one import OnePersonTracker, followed, network_wanted

GOLDEN = Path(__file__).parents[2] / "golden" / "boxes" / "person_tracking.npz"
NOBODY = People.nobody(25)


def golden_frames(golden) -> list[tuple[np.ndarray, People]]:
    """Each frame's picture and whom OpenPose's tracker was given."""
    width, height = golden["frame_size"]
    frames = []
    for (dx, dy), given, points in zip(
        golden["frames_offset"], golden["given"], golden["keypoints"], strict=True
    ):
        pixels = golden["texture"][50 - dy : 50 - dy + height, 50 - dx : 50 - dx + width]
        frames.append((np.ascontiguousarray(pixels), one_person(points) if given else NOBODY))
    return frames


def one_person(points: np.ndarray) -> People:
    return People(points[None].astype(np.float32), np.full(1, 0.7, np.float32))


def moving(steps: int, by: int = 3) -> list[np.ndarray]:
    """Pictures of 320 x 240 in which everything moves right by so many pixels a step."""
    texture = np.load(GOLDEN)["texture"]
    return [np.ascontiguousarray(texture[50:290, 60 - by * k : 380 - by * k]) for k in range(steps)]


def three_points(x: float = 100.0, score: float = 0.8) -> People:
    """Three parts of 25 at x, 60; x, 120; x, 180."""
    points = np.zeros((25, 3), np.float32)
    points[:3] = [(x, 60, score), (x, 120, score), (x, 180, score)]
    return one_person(points)


@pytest.mark.parametrize("width, name", [(640, "rescale640"), (0, "no_rescale")])
def test_a_person_is_where_openpose_says(width, name):
    golden = np.load(GOLDEN)
    tracker = OnePersonTracker(width)
    for number, (pixels, people) in enumerate(golden_frames(golden)):
        found = tracker.track(pixels, people)
        (points,), wanted = found.keypoints, golden[f"tracked_{name}"][number]
        np.testing.assert_allclose(points[:, :2], wanted[:, :2], atol=0.5)
        np.testing.assert_array_equal(points[:, 2], wanted[:, 2])


def test_the_first_frame_is_as_the_network_gave_it():
    people = three_points(score=0.33)
    assert OnePersonTracker().track(moving(1)[0], people) is people


def test_between_network_frames_points_move_with_the_picture():
    tracker = OnePersonTracker()
    pictures = moving(5)
    tracker.track(pictures[0], three_points())
    for step, pixels in enumerate(pictures[1:], 1):
        found = tracker.track(pixels, NOBODY)
        np.testing.assert_allclose(found.keypoints[0, :3, 0], 100 + 3 * step, atol=0.5)
        assert found.keypoints[0, :, 2].tolist() == [1] * 3 + [0] * 22
        assert found.scores.tolist() == [np.float32(0.7)]


@pytest.mark.parametrize("away, x", [(2, 103), (7, 107), (30, 133)])
def test_flow_wins_near_the_network_the_mean_farther_and_the_network_far_away(away, x):
    tracker = OnePersonTracker()
    before, now = moving(2)
    tracker.track(before, three_points())
    found = tracker.track(now, three_points(103 + away))
    assert found.keypoints[0, :3, 0].tolist() == [x] * 3


def test_a_part_that_the_network_misses_has_score_zero_from_then_on():
    tracker = OnePersonTracker()
    pictures = moving(3)
    people = three_points()
    tracker.track(pictures[0], people)
    people.keypoints[0, 1, 2] = 0.04
    assert tracker.track(pictures[1], people).keypoints[0, :3, 2].tolist() == [1, 0, 1]
    assert tracker.track(pictures[2], NOBODY).keypoints[0, :3, 2].tolist() == [1, 0, 1]


def test_a_person_who_comes_later_is_followed_from_then_on():
    tracker = OnePersonTracker()
    pictures = moving(3)
    assert len(tracker.track(pictures[0], NOBODY)) == 0
    found = tracker.track(pictures[1], three_points())
    assert found.keypoints[0, 0].tolist() == [100, 60, 1]
    found = tracker.track(pictures[2], NOBODY)
    assert found.keypoints[0, 0, 0] == pytest.approx(103, abs=0.5)


def test_a_person_who_leaves_the_picture_is_gone():
    tracker = OnePersonTracker()
    pictures = moving(12, by=5)
    tracker.track(pictures[0], three_points(290))
    counts = [len(tracker.track(pixels, NOBODY)) for pixels in pictures[1:]]
    assert counts[0] == 1 and counts[-1] == 0


def test_another_picture_size_begins_anew():
    tracker = OnePersonTracker()
    wide, people = moving(1)[0], three_points()
    tracker.track(wide, people)
    assert tracker.track(np.ascontiguousarray(wide[:100]), people) is people


def test_each_view_has_its_own_person():
    pictures = moving(3)
    results = []
    for step, pixels in enumerate(pictures):
        views = (pixels, three_points()), (pictures[0], three_points(200))
        for view, (seen, people) in enumerate(views):
            frame = Frame(seen, step, str(step), 0.0, "drawn", view)
            results.append(Result(frame, NOBODY if step else people))
    found = [result.people.keypoints[0, 0, 0] for result in followed(results)]
    np.testing.assert_allclose(found, [100, 200, 103, 200, 106, 200], atol=0.5)


def test_two_people_are_refused_with_the_flag_that_helps():
    two = People(np.zeros((2, 25, 3), np.float32), np.zeros(2, np.float32))
    with pytest.raises(UsageError, match="--number_people_max 1"):
        OnePersonTracker().track(moving(1)[0], two)


@pytest.mark.parametrize(
    "tracking, wanted",
    [(-1, [1, 1, 1, 1, 1, 1]), (0, [1, 1, 1, 1, 1, 1]), (1, [1, 0, 1, 0, 1, 0]),
     (2, [1, 0, 0, 1, 0, 0])],
)  # fmt: skip
def test_the_network_runs_on_every_n_plus_first_frame(tracking, wanted):
    assert [network_wanted(number, tracking) for number in range(6)] == wanted
