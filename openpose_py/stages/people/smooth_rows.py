"""Stage 3 of 5: what smoothers take and give."""

import dataclasses

import numpy as np

from openpose_py.records import Result


@dataclasses.dataclass(frozen=True, slots=True)
class Moment:
    """A result with its `person_ids`, and when it is: seconds on a clock that only goes forward."""

    result: Result
    seconds: float

    def people(self) -> list[tuple[int, np.ndarray, float]]:
        """Number, keypoints (parts, 3) in frame pixels, score of each person, in their order."""
        people, numbers = self.result.people, self.result.person_ids
        if numbers is None:
            raise ValueError("smoothing needs person_ids")
        return list(zip(numbers.tolist(), people.keypoints, people.scores.tolist(), strict=True))


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """One person, steadier. keypoints, raw: float32 (parts, 3) in frame pixels; raw: as the network
    found them, 0 where it did not. filled: bool (parts,), keypoints that were put in."""

    number: int
    keypoints: np.ndarray
    raw: np.ndarray
    filled: np.ndarray
    score: float


def inside(keypoints: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """bool (parts,): in the picture; size: width, height."""
    return np.asarray(((keypoints[:, :2] >= 0) & (keypoints[:, :2] < size)).all(axis=1))
