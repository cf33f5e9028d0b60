"""Who is who among many, on drawn scenes with known people."""

import dataclasses

import numpy as np
import pytest
from drawn.moving_people import SKELETON, STANDING, Wishes, scene
from drawn.track_figures import Frame as Judged
from drawn.track_figures import TrackFigures, track_figures

from openpose_py.records import Frame, People, Result
from openpose_py.stages.people.track_many import KEPT, ManyTracker, tracked
from openpose_py.zoo.skeletons import read_skeleton

HEIGHT = 200.0


def judged(wishes: Wishes, seed: int) -> TrackFigures:
    tracker = ManyTracker(SKELETON)
    return track_figures(
        Judged(one.there, one.shown, tracker.numbers(one.people, one.seconds).tolist())
        for one in scene(wishes, seed)
    )


def people_at(*places: float, height: float = HEIGHT) -> People:
    """Standing people with their left side there."""
    keypoints = np.ones((len(places), len(STANDING), 3), np.float32)
    for person, x in enumerate(places):
        keypoints[person, :, :2] = STANDING * height + (x, 100)
    return People(keypoints, np.ones(len(places), np.float32))


def follow(*steps: People, fps: float = 10.0) -> list[list[int]]:
    tracker = ManyTracker(SKELETON)
    return [tracker.numbers(people, n / fps).tolist() for n, people in enumerate(steps)]


@pytest.mark.parametrize("fps", [5, 10, 30, 60])
@pytest.mark.parametrize("people", [2, 5, 10, 20, 30])
def test_drawn_people_keep_their_ids(people, fps):
    seconds = 6 if fps <= 10 else 3
    for seed in (1, 2):
        figures = judged(Wishes(people, fps, seconds), seed)
        assert figures.idf1 >= 0.95, figures
        assert figures.mota >= 0.95, figures


@pytest.mark.slow
@pytest.mark.parametrize("fps", [5, 12, 30, 60])
@pytest.mark.parametrize("people", [2, 5, 10, 20, 30])
def test_drawn_people_keep_their_ids_in_many_scenes(people, fps):
    for seed in range(8):
        figures = judged(Wishes(people, fps, 6 if people > 5 else 15), seed)
        assert figures.idf1 >= 0.95, (seed, figures)
        assert figures.mota >= 0.95, (seed, figures)


def test_people_who_flicker_keep_their_ids():
    """A weak network: every third point and every fourth person is missed, 0.3 s long."""
    wishes = Wishes(5, 15, 6, noise=0.02, lost_parts=0.3, lost_people=0.08, lost_for=0.3)
    tracker, rows = ManyTracker(SKELETON), []
    for one in scene(wishes, seed=3):
        numbers = tracker.numbers(one.people, one.seconds).tolist()
        rows.append(Judged(one.shown, one.shown, numbers))  # the network's misses do not count
    assert track_figures(rows).idf1 >= 0.95


def test_people_who_are_none_do_not_take_ids():
    figures = judged(Wishes(5, 10, 6, lost_parts=0.1, false=0.5), 2)
    assert figures.switches == 0


def test_ids_begin_at_0_and_follow_the_order_of_the_first_frame():
    assert follow(people_at(100, 600), people_at(600, 100)) == [[0, 1], [1, 0]]


def test_two_who_cross_keep_their_ids():
    steps = [people_at(100 + 40 * n, 900 - 40 * n) for n in range(20)]
    assert follow(*steps) == [[0, 1]] * 20


def test_who_hides_behind_another_gets_the_id_back():
    steps = [people_at(100 + 40 * n, 500) for n in range(8)]
    steps += [people_at(500)] * 5  # the walker is behind the one who stands
    steps += [people_at(100 + 40 * n, 500) for n in range(13, 18)]
    assert follow(*steps)[-1] == [0, 1] and follow(*steps)[9] == [1]


def test_who_leaves_and_comes_back_soon_is_the_same_and_later_somebody_new():
    for away, number in ((10, 0), (int(KEPT * 10) + 2, 1)):
        steps = [people_at(400)] * 20 + [people_at()] * away + [people_at(420)]
        assert follow(*steps)[-1] == [number]


def test_somebody_of_another_build_is_somebody_else():
    steps = [people_at(400)] * 20 + [people_at()] * 5 + [people_at(400, height=90)]
    assert follow(*steps)[-1] == [1]


def test_a_misshapen_pose_does_not_lose_a_person_who_was_just_seen():
    odd = people_at(400)
    odd.keypoints[0, :13, 1] -= 200  # the network takes a sign above for the trunk
    steps = [people_at(400)] * 10 + [odd] * 3 + [people_at(400)] * 2
    assert follow(*steps) == [[0]] * 15


def test_nobody_is_numbered_in_an_empty_frame():
    assert follow(People.nobody(25), people_at(100), People.nobody(25)) == [[], [0], []]


def test_a_person_without_any_part_gets_an_id_of_its_own():
    nothing = People(np.zeros((1, 25, 3), np.float32), np.ones(1, np.float32))
    assert follow(people_at(100), nothing, people_at(100)) == [[0], [1], [0]]


@pytest.mark.parametrize("name", ["BODY_25", "BODY_135", "COCO", "MPI", "face"])
def test_every_skeleton_can_be_followed(name):
    skeleton = read_skeleton(name)
    draw = np.random.default_rng(1)
    keypoints = np.ones((3, len(skeleton.parts), 3), np.float32)
    keypoints[:, :, :2] = draw.uniform(0, 100, (len(skeleton.parts), 2))
    keypoints[:, :, 0] += np.array([0, 300, 600])[:, None]
    tracker = ManyTracker(skeleton)
    for step in range(5):
        people = People(keypoints + np.float32(step), np.ones(3, np.float32))
        assert tracker.numbers(people, step / 10).tolist() == [0, 1, 2]


def test_each_view_counts_for_itself_and_times_are_those_of_the_frames():
    frames = [
        Frame(np.zeros((4, 4, 3), np.uint8), step, "f", time, "drawn", view)
        for step, time in enumerate((0.0, 0.1, 9.0))
        for view in (0, 1)
    ]
    results = [Result(frame, people_at(400)) for frame in frames]
    numbers = [result.person_ids.tolist() for result in tracked(SKELETON)(results)]
    assert numbers == [[0], [0], [0], [0], [1], [1]]  # nine seconds later: somebody else


def test_the_same_scene_gives_the_same_ids_again():
    moments = scene(Wishes(10, 10, 3), 4)
    runs = []
    for _ in range(2):
        tracker = ManyTracker(SKELETON)
        runs.append([tracker.numbers(m.people, m.seconds).tolist() for m in moments])
    assert runs[0] == runs[1]


def test_people_are_left_as_they_are():
    people = people_at(100, 600)
    before = dataclasses.replace(people, keypoints=people.keypoints.copy())
    follow(people, people, people)
    np.testing.assert_array_equal(people.keypoints, before.keypoints)
