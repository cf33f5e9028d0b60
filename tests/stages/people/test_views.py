"""The same person in 3-D in every view of a time step, from drawn cameras."""

import numpy as np
import pytest
from drawn.cameras import DISTANCE, SIZE, person_in_space, projections, seen_by

from openpose_py.errors import UsageError
from openpose_py.records import Frame, People, Result
from openpose_py.stages.people.views import ViewJoiner

PERSON = person_in_space(25)


def results_of(points: np.ndarray, **more: np.ndarray) -> list[Result]:
    """A result a view. points: (views, parts, 3); more: other fields, (views, ...)."""
    pixels = np.zeros((SIZE[1], SIZE[0], 3), np.uint8)
    results = []
    for view, keypoints in enumerate(points):
        people = People(keypoints[None], np.ones(1, np.float32))
        frame = Frame(pixels, 0, "f0", 0.0, "drawn", view)
        fields = {name: values[view] for name, values in more.items()}
        results.append(Result(frame, people, **fields))
    return results


def test_every_view_carries_the_person_in_space():
    step = results_of(seen_by(projections(4), PERSON))
    joined = list(ViewJoiner(projections(4)).joined([*step, *step]))
    assert [result.frame.view for result in joined] == [0, 1, 2, 3] * 2
    for result in joined:
        assert result.pose_3d.shape == (1, 25, 4)
        assert (result.pose_3d[0, :, 3] == 1).all()
        assert np.abs(result.pose_3d[0, :, :3] - PERSON).max() < 0.01 * DISTANCE
        assert result.face_3d is None and result.hands_3d is None


def test_faces_and_hands_get_their_points_too():
    face, left = person_in_space(70, seed=1), person_in_space(21, seed=2)
    faces = seen_by(projections(3), face)[:, None]
    hands = np.zeros((3, 2, 1, 21, 3), np.float32)
    hands[:, 0, 0] = seen_by(projections(3), left)
    step = results_of(seen_by(projections(3), PERSON), faces=faces, hands=hands)
    result = ViewJoiner(projections(3)).join(step)[2]
    np.testing.assert_allclose(result.face_3d[0, :, :3], face, atol=1e-4)
    np.testing.assert_allclose(result.hands_3d[0, 0, :, :3], left, atol=1e-4)
    assert result.hands_3d.shape == (2, 1, 21, 4) and not result.hands_3d[1].any()


def test_a_person_seen_by_one_view_alone_is_nowhere_in_space():
    step = results_of(seen_by(projections(3), PERSON))
    nobody = People.nobody(25)
    step[1:] = [Result(result.frame, nobody) for result in step[1:]]
    assert ViewJoiner(projections(3)).join(step)[0].pose_3d.shape == (0, 25, 4)


def test_only_the_first_person_of_a_view_counts():
    points = seen_by(projections(3), PERSON)
    step = results_of(points)
    two = People(np.stack([points[0], points[0] + 50]), np.ones(2, np.float32))
    step[0] = Result(step[0].frame, two)
    result = ViewJoiner(projections(3)).join(step)[0]
    np.testing.assert_allclose(result.pose_3d[0, :, :3], PERSON, atol=1e-4)


@pytest.mark.parametrize("views, least", [(1, -1), (3, 0), (3, 1), (3, 4)])
def test_too_few_views_are_refused(views, least):
    with pytest.raises(UsageError):
        ViewJoiner(projections(views), least)
