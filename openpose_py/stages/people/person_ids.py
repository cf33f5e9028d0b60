"""Stage 3 of 5: people -> their numbers. `--identification`: who is who from frame to frame.

Every person's points are moved on by optical flow and compared with the people of the next frame.
The idea and the numbers are those of tracking/personIdExtractor.cpp, which OpenPose refuses to run
as unfinished; the flow is OpenCV's here, and a person gets one number only.
"""

import dataclasses
from collections.abc import Iterable, Iterator

import numpy as np

from openpose_py.records import People, Result
from openpose_py.stages.people.track_one import point_flow

SURE = 0.1  # score from which a part is compared
SHARE = 0.5  # of the parts compared that must be near
NEAR = 30 / 960  # of the square root of the picture's area
NEAREST = 10.0  # pixels that are always near
FRAMES_KEPT = 10  # after which a person who was not seen again is forgotten
WINDOW = 21  # pixels, side of the patch that is looked for


def numbered(results: Iterable[Result]) -> Iterator[Result]:
    """Results in order, with `person_ids`; each view counts for itself."""
    views: dict[int, PersonIds] = {}
    for result in results:
        ids = views.setdefault(result.frame.view, PersonIds())
        numbers = ids.of(result.frame.pixels, result.people)
        yield dataclasses.replace(result, person_ids=numbers)


@dataclasses.dataclass(frozen=True, slots=True)
class _Known:
    """points: (parts, 2) in frame pixels; sure: (parts,); unseen: frames since the last one."""

    points: np.ndarray
    sure: np.ndarray
    unseen: int = 0


class PersonIds:
    """Numbers people of one view, from 0 on; pictures must come in order."""

    def __init__(self) -> None:
        self._known: dict[int, _Known] = {}
        self._before: np.ndarray | None = None
        self._next = 0

    def of(self, pixels: np.ndarray, people: People) -> np.ndarray:
        """int64 (people,). pixels: uint8 (height, width, 3), B G R; people in frame pixels."""
        self._move_on(pixels)
        seen = [_Known(one[:, :2], one[:, 2] >= SURE) for one in people.keypoints]
        height, width = pixels.shape[:2]
        near = max(NEAREST, NEAR * float(np.sqrt(width * height)))
        numbers = _matched(seen, self._known, near)
        for person, known in enumerate(seen):
            if numbers[person] < 0:
                numbers[person], self._next = self._next, self._next + 1
            self._known[int(numbers[person])] = known
        return numbers

    def _move_on(self, pixels: np.ndarray) -> None:
        """Everyone's points to where they are in this picture."""
        before, self._before = self._before, pixels
        if before is None or before.shape != pixels.shape:
            self._known = {}
        self._known = {n: one for n, one in self._known.items() if one.unseen <= FRAMES_KEPT}
        if before is None or not self._known:
            return
        points = np.concatenate([one.points for one in self._known.values()])
        moved, near = point_flow(before, pixels, points, WINDOW)
        parts = len(points) // len(self._known)
        for place, (number, one) in enumerate(self._known.items()):
            mine = slice(place * parts, (place + 1) * parts)
            self._known[number] = _Known(moved[mine], one.sure & near[mine], one.unseen + 1)


def _matched(seen: list[_Known], known: dict[int, _Known], near: float) -> np.ndarray:
    """int64 (people,): the number of each person seen, -1 where nobody fits.

    The pair with the largest share of near parts goes first, of equal ones the nearest.
    """
    numbers = np.full(len(seen), -1, np.int64)
    pairs = []
    for person, one in enumerate(seen):
        for number, other in known.items():
            both = one.sure & other.sure
            distances = np.linalg.norm(one.points[both] - other.points[both], axis=1)
            share = float((distances < near).mean()) if both.any() else 0.0
            if share >= SHARE:
                pairs.append((-share, float(distances.sum()), person, number))
    taken: set[int] = set()
    for _, _, person, number in sorted(pairs):
        if numbers[person] < 0 and number not in taken:
            numbers[person] = number
            taken.add(number)
    return numbers
