"""Points in space from drawn cameras of a scene of known depth."""

import numpy as np
import pytest
from drawn.cameras import DISTANCE, SIZE, person_in_space, projections, seen_by

from openpose_py.stages.people.triangulate import (
    HUBER,
    default_min_views,
    enough_to_locate,
    refined,
    triangulate,
)

PERSON = person_in_space(25)
ALL = np.ones(25)


def located(points: np.ndarray, min_views: int = 2) -> np.ndarray:
    views = len(points)
    return triangulate(points, projections(views), [SIZE] * views, min_views)


def farthest(found: np.ndarray, person: np.ndarray = PERSON) -> float:
    """Metres."""
    return float(np.linalg.norm(found[:, :3] - person, axis=1).max())


@pytest.mark.parametrize("views", [2, 3, 4, 9])
def test_exact_points_give_the_person(views):
    found = located(seen_by(projections(views), PERSON))
    assert found.dtype == np.float32 and found.shape == (25, 4)
    assert (found[:, 3] == 1).all()
    assert farthest(found) < 1e-4


@pytest.mark.parametrize("views", [3, 4])
def test_points_off_by_a_pixel_are_within_a_hundredth_of_the_depth(views):
    points = seen_by(projections(views), PERSON)
    points[..., :2] += np.random.default_rng(1).normal(0, 1, points[..., :2].shape)
    found = located(points)
    assert (found[:, 3] == 1).all()
    assert farthest(found) < 0.01 * DISTANCE


def test_one_view_of_four_that_disagrees_is_left_out():
    points = seen_by(projections(4), PERSON)
    points[2, :, 0] += 60
    found = located(points)
    assert (found[:, 3] == 1).all()
    assert farthest(found) < 1e-4


@pytest.mark.parametrize("view", [0, 1, 2])
def test_one_view_of_three_that_disagrees_is_left_out(view):
    points = seen_by(projections(3), PERSON)
    points[..., :2] += np.random.default_rng(1).normal(0, 1, points[..., :2].shape)
    points[view, 4, 1] += 300
    found = located(points)
    assert (found[:, 3] == 1).all()
    assert farthest(found) < 0.01 * DISTANCE


def test_one_view_of_three_spoils_the_point_where_all_three_are_asked_for():
    points = seen_by(projections(3), PERSON)
    points[1, 4, 1] += 300
    found = located(points, 3)
    assert (found[4] == 0).all()
    assert found[:, 3].sum() == 24


def test_a_point_is_lost_where_it_is_not_clear_which_of_three_views_is_wrong():
    """Moved along the line on which the first camera sees the part: those two agree, too."""
    points = seen_by(projections(3), PERSON)
    camera = np.linalg.svd(projections(3)[0])[2][-1]
    nearer = PERSON[4] + 0.3 * (camera[:3] / camera[3] - PERSON[4])
    x, y, depth = projections(3)[1] @ np.array([*nearer, 1.0])
    points[1, 4, :2] = x / depth, y / depth
    assert np.linalg.norm(points[1, 4, :2] - seen_by(projections(3), PERSON)[1, 4, :2]) > 60
    assert (located(points)[4] == 0).all()


def test_a_point_seen_by_too_few_views_is_zero():
    points = seen_by(projections(4), PERSON)
    points[:2, 3, 2] = 0.35  # as sure as it may not be
    points[2, 3, 2] = 0.36
    assert (located(points, 3)[3] == 0).all()
    assert located(points, 2)[3, 3] == 1


@pytest.mark.parametrize("x, y", [(8, 300), (1272, 300), (640, 8), (640, 712), (0, 0)])
def test_a_point_at_the_border_does_not_count(x, y):
    points = seen_by(projections(2), PERSON)
    points[1, 0, :2] = x, y
    assert (located(points)[0] == 0).all()


def test_each_view_has_its_own_border():
    points = seen_by(projections(2), PERSON)
    small = (int(points[1, 0, 0]), SIZE[1])
    found = triangulate(points, projections(2), [SIZE, small], 2)
    assert found[0, 3] == 0 and 0 < found[:, 3].sum() < 25


def test_nobody_gives_zeros():
    assert (located(np.zeros((3, 25, 3), np.float32)) == 0).all()


def test_a_point_much_worse_than_the_others_is_dropped():
    points = seen_by(projections(2), PERSON)
    points[1, 7, 1] += 12  # half of it in each view: below the limit of 21 pixels
    found = located(points)
    assert (found[7] == 0).all()
    points[1, ::2, 1] += 8  # the mean of the frame is worse now
    assert located(points)[7, 3] == 1


def test_parallel_rays_meet_nowhere():
    same = np.repeat(projections(1), 2, axis=0)
    same[1, 0, 3] += 900 * 0.5  # half a metre to the side, looking the same way
    points = np.tile(np.array([640, 360, 0.9], np.float32), (2, 1, 1))
    found = triangulate(points, same, [SIZE] * 2, 2)
    assert np.isfinite(found).all()


def test_refining_lowers_the_huber_loss_of_rough_points():
    cameras, seen = projections(4), np.ones((25, 4), bool)
    points = seen_by(cameras, PERSON)
    points[..., :2] += np.random.default_rng(2).normal(0, 6, points[..., :2].shape)
    xy = points[..., :2].swapaxes(0, 1).astype(np.float64)
    start = PERSON + 0.05
    best = refined(start, xy, cameras, seen)

    def loss(xyz: np.ndarray) -> np.ndarray:
        distance = np.linalg.norm(seen_by(cameras, xyz).swapaxes(0, 1)[..., :2] - xy, axis=-1)
        return np.where(distance <= HUBER, distance**2, 2 * HUBER * distance - HUBER**2).sum(1)

    assert (loss(best) < loss(start)).all()
    for step in np.concatenate([np.eye(3), -np.eye(3)]) * 0.003:
        assert (loss(best + step) >= loss(best) - 1e-3).all()


def test_openpose_asks_for_all_views_but_one_up_to_four():
    assert [default_min_views(views) for views in (2, 3, 4, 5, 6, 9)] == [2, 2, 3, 4, 4, 4]


def test_whether_anything_can_be_located():
    points = seen_by(projections(3), PERSON)
    points[1:, :, 2] = 0
    assert not enough_to_locate(points, [SIZE] * 3, 2)
    points[1, 5, 2] = 0.9
    assert enough_to_locate(points, [SIZE] * 3, 2)
