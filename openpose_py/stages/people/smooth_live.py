"""Stage 3 of 5: people -> steadier people, frame by frame. `--smooth live`.

The One Euro filter (Casiez, Roussel, Vogel 2012) of every point: a low pass whose cutoff frequency
rises with speed, so that a still point is steady and a moving one does not trail behind. Speeds are
in the person's own size, or somebody far away would be smoothed more. A point that the network is
not sure of moves the filter less.
"""

import numpy as np

from openpose_py.stages.people.smooth_rows import Moment, Row, inside

CUTOFF = 2.0  # Hz, of a still point
PER_SPEED = 20.0  # Hz more for each size a second
STILL = 0.25  # sizes a second that noise alone pretends
SPEED_CUTOFF = 2.0  # Hz, of the speed
SURE = 0.3  # score from which a point counts in full
LEAST = 0.3  # of that, for the least sure point
SIZE = 0.55  # of the diagonal round a person
COASTING = 0.3  # seconds in which the speed of a point that is not seen dies away


class LiveSmoother:
    """One view. max_gap: frames for which a point that is not found is carried on."""

    def __init__(self, max_gap: int) -> None:
        self._max_gap = max_gap
        self._people: dict[int, _OneEuro] = {}
        self._before = 0.0

    def feed(self, moment: Moment) -> list[tuple[Moment, list[Row]]]:
        seconds = moment.seconds - self._before
        self._before = moment.seconds
        size = moment.result.frame.size
        rows = []
        people = moment.people()
        for number, keypoints, score in people:
            one = self._people.setdefault(number, _OneEuro(len(keypoints), self._max_gap))
            rows.append(one.row(number, keypoints, score, seconds, size))
        here = {number for number, _, _ in people}
        for number, one in sorted(self._people.items()):
            if number in here:
                continue
            nothing = np.zeros((one.parts, 3), np.float32)
            row = one.row(number, nothing, one.score, seconds, size)
            if row.filled.any():
                rows.append(row)
            else:
                del self._people[number]
        return [(moment, rows)]

    def rest(self) -> list[tuple[Moment, list[Row]]]:
        return []


class _OneEuro:
    """The points of one person."""

    def __init__(self, parts: int, max_gap: int) -> None:
        self.parts, self.score = parts, 0.0
        self._max_gap = max_gap
        self._points = np.zeros((parts, 2))
        self._speed = np.zeros((parts, 2))  # pixels a second
        self._scores = np.zeros(parts)
        self._unseen = np.full(parts, max_gap + 1)  # frames
        self._size = 1.0

    def row(
        self, number: int, keypoints: np.ndarray, score: float, seconds: float,
        frame_size: tuple[int, int],
    ) -> Row:  # fmt: skip
        """The next frame, `seconds` after the last. keypoints: (parts, 3), 0 where not found."""
        self.score = score
        found = keypoints[:, 2] > 0
        known = self._unseen <= self._max_gap
        self._filter(keypoints, found & known, seconds)
        fresh = found & ~known
        self._points[fresh], self._speed[fresh] = keypoints[fresh, :2], 0
        self._carry_on(~found & known, seconds)
        self._unseen = np.where(found, 0, self._unseen + 1)
        self._scores = np.where(found, keypoints[:, 2], self._scores)
        made = np.zeros_like(keypoints)
        made[:, :2] = self._points
        fade = np.maximum(1 - self._unseen / (self._max_gap + 1), 0)
        made[:, 2] = np.where(found, keypoints[:, 2], self._scores * fade)
        filled = ~found & (made[:, 2] > 0) & inside(made, frame_size)
        made[~(found | filled)] = 0
        return Row(number, made, keypoints, filled, score)

    def _filter(self, keypoints: np.ndarray, here: np.ndarray, seconds: float) -> None:
        if not here.any():
            return
        points = keypoints[here, :2].astype(np.float64)
        sides = points.max(0) - points.min(0)
        self._size = max(self._size * 0.95, SIZE * float(np.hypot(*sides)), 1.0)
        before, speed = self._points[here], self._speed[here]
        speed += _share(SPEED_CUTOFF, seconds) * ((points - before) / seconds - speed)
        fast = np.linalg.norm(speed, axis=1) / self._size
        cutoff = CUTOFF + PER_SPEED * np.maximum(fast - STILL, 0)
        trust = np.clip(keypoints[here, 2] / SURE, LEAST, 1)
        self._points[here] = before + (trust * _share(cutoff, seconds))[:, None] * (points - before)
        self._speed[here] = speed

    def _carry_on(self, hidden: np.ndarray, seconds: float) -> None:
        """Points that are not seen move with the rest of the body."""
        if not hidden.any():
            return
        seen = self._unseen == 0
        body = np.median(self._speed[seen], axis=0) if seen.any() else np.zeros(2)
        speed = self._speed[hidden]
        speed = body + (speed - body) * np.exp(-seconds / COASTING)
        self._speed[hidden] = speed * np.exp(-seconds / COASTING)
        self._points[hidden] += speed * seconds


def _share(cutoff: float | np.ndarray, seconds: float) -> np.ndarray:
    """How much of a new value a low pass takes. cutoff: Hz."""
    turned = 2 * np.pi * np.asarray(cutoff) * seconds
    return turned / (turned + 1)
