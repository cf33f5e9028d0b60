"""--number_people_max against OpenPose's answers."""

from pathlib import Path

import numpy as np
import pytest

from openpose_py.records import People
from openpose_py.stages.people.keep_best import keep_best

GOLDEN = np.load(Path(__file__).parents[2] / "golden" / "files" / "number_people_max.npz")
PEOPLE = People(GOLDEN["keypoints"], GOLDEN["scores"])


@pytest.mark.parametrize("most", [0, 1, 2, 3, 4, 6, 9])
def test_the_people_that_openpose_keeps_are_kept_in_order(most):
    kept = keep_best(PEOPLE, most)
    np.testing.assert_array_equal(kept.keypoints, GOLDEN[f"top{most}"])


def test_scores_are_kept_with_their_people():
    kept = keep_best(PEOPLE, 2)
    for keypoints, score in zip(kept.keypoints, kept.scores, strict=True):
        (original,) = np.flatnonzero((PEOPLE.keypoints == keypoints).all((1, 2)))
        assert PEOPLE.scores[original] == score


def test_of_equal_people_the_first_are_kept():
    twins = People(np.repeat(PEOPLE.keypoints[:1], 4, 0), np.repeat(PEOPLE.scores[:1], 4))
    twins.keypoints[:, 0, 2] = [0.91, 0.92, 0.93, 0.94]
    assert keep_best(twins, 2).keypoints[:, 0, 2].tolist() == pytest.approx([0.91, 0.92])


def test_people_without_a_part_above_the_threshold_come_last():
    faint = People(PEOPLE.keypoints[:2].copy(), PEOPLE.scores[:2])
    faint.keypoints[0, :, 2] = 0.01
    np.testing.assert_array_equal(keep_best(faint, 1).keypoints, faint.keypoints[1:])
