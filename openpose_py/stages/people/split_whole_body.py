"""Stage 3 of 5: maps -> people. BODY_135's points, shared out to body, face and hands."""

import numpy as np

BODY_135_PARTS = 135
BODY = slice(0, 25)  # in the order of BODY_25B
LEFT_WRIST, RIGHT_WRIST = 9, 10
LEFT_FINGERS, RIGHT_FINGERS = slice(25, 45), slice(45, 65)
FACE = slice(65, 135)


def split_135(
    keypoints: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(people, 135, values) -> body (people, 25, values), face (people, 70, values), left hand and
    right hand (people, 21, values); values and coordinates stay.

    Face and hands come in the order of OpenPose's face and hand models. The root of a hand is the
    body's wrist, which so appears twice.
    """
    if keypoints.ndim != 3 or keypoints.shape[1] != BODY_135_PARTS:
        raise ValueError(f"keypoints must be (people, 135, values), got {keypoints.shape}")
    return (
        keypoints[:, BODY],
        keypoints[:, FACE],
        _hand(keypoints, LEFT_WRIST, LEFT_FINGERS),
        _hand(keypoints, RIGHT_WRIST, RIGHT_FINGERS),
    )


def _hand(keypoints: np.ndarray, wrist: int, fingers: slice) -> np.ndarray:
    return np.concatenate([keypoints[:, wrist : wrist + 1], keypoints[:, fingers]], axis=1)
