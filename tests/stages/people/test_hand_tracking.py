from pathlib import Path

import numpy as np

from openpose_py.stages.people.boxes import hand_boxes
from openpose_py.stages.people.hand_tracking import HandTracker
from openpose_py.zoo.skeletons import read_skeleton

GOLDEN = Path(__file__).parents[2] / "golden"
BODY_25 = read_skeleton("BODY_25")


def arm(x: float) -> np.ndarray:
    """(1, 25, 3): a person of whom the left arm is seen, with the wrist at x, 100."""
    keypoints = np.zeros((1, 25, 3), np.float32)
    for part, shift in (("LWrist", 0), ("LElbow", -40), ("LShoulder", -80)):
        keypoints[0, BODY_25.parts.index(part)] = x + shift, 100, 1
    return keypoints


def left_hand(x: float, score: float) -> np.ndarray:
    """(2, 1, 21, 3): a left hand 20 pixels wide and high round x, 100."""
    hands = np.zeros((2, 1, 21, 3), np.float32)
    steps = np.linspace(-10, 10, 21)
    hands[0, 0] = np.column_stack([x + steps, 100 + steps, np.full(21, score)])
    return hands


def pulled(tracker: HandTracker, x: float) -> bool:
    return not np.array_equal(tracker.boxes(arm(x), BODY_25), hand_boxes(arm(x), BODY_25))


def test_six_frames_are_tracked_as_openpose_does_to_the_last_bit():
    golden = np.load(GOLDEN / "boxes" / "boxes.npz")
    tracker = HandTracker()
    first, changed = 0, 0
    for index, people in enumerate(golden["track_people_per_frame"], start=1):
        some = slice(first, first + people)
        body, wanted = golden["track_body"][some], golden["track_rectangles"][some]
        assert np.array_equal(tracker.boxes(body, BODY_25), wanted), f"frame {index}"
        changed += int((hand_boxes(body, BODY_25) != wanted).any(axis=-1).sum())
        hands = golden["track_hands"][2 * first : 2 * (first + people)]
        tracker.remember(hands.reshape(2, people, 21, 3), index)
        first += people
    assert changed == 10


def test_a_sure_hand_pulls_the_next_box_of_its_side():
    tracker = HandTracker()
    tracker.remember(left_hand(320, 0.9), 1)
    assert pulled(tracker, 300)


def test_an_unsure_hand_is_not_remembered():
    tracker = HandTracker()
    tracker.remember(left_hand(320, 0.6), 1)
    assert not pulled(tracker, 300)


def test_a_hand_of_the_other_side_pulls_nothing():
    tracker = HandTracker()
    tracker.remember(left_hand(320, 0.9)[::-1], 1)
    assert not pulled(tracker, 300)


def test_a_hand_far_away_pulls_nothing():
    tracker = HandTracker()
    tracker.remember(left_hand(900, 0.9), 1)
    assert not pulled(tracker, 300)


def test_frame_0_is_never_remembered():
    tracker = HandTracker()
    tracker.remember(left_hand(320, 0.9), 0)
    assert not pulled(tracker, 300)


def test_an_earlier_frame_begins_a_new_source():
    tracker = HandTracker()
    tracker.remember(left_hand(320, 0.9), 5)
    tracker.remember(np.zeros((2, 0, 21, 3), np.float32), 0)
    assert not pulled(tracker, 300)
    tracker.remember(left_hand(320, 0.9), 1)
    assert pulled(tracker, 300)
