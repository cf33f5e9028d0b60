"""Stage 3 of 5: people -> steadier people, seen from both sides of a frame. `--smooth file`.

Every point becomes the value of a parabola through its neighbours in time, nearer and surer ones
counting more. Before and after count alike, so nothing lags; results come some frames later, which
does not matter for a file. Gaps are bridged first, straight from the last point to the next one.
"""

import dataclasses
from collections import deque

import numpy as np

from openpose_py.stages.people.smooth_rows import Moment, Row, inside

SPREAD = 0.07  # seconds, of the weights round a frame,
SPREAD_FRAMES = 1.2  # and at least so many frames
REACH = 3  # spreads beyond which neighbours do not count
STEADY = np.diag([0.0, 1e-4, 0.02])  # keeps slope and curve of few points small


@dataclasses.dataclass(slots=True)
class _Seen:
    """A person in one frame. keypoints: (parts, 3), changes when gaps are bridged; raw: as found;
    filled: (parts,)."""

    keypoints: np.ndarray
    raw: np.ndarray
    filled: np.ndarray
    score: float


@dataclasses.dataclass(frozen=True, slots=True)
class _Step:
    """One frame: everybody in it by number, its own people first and in their order."""

    moment: Moment
    people: dict[int, _Seen]


class FileSmoother:
    """One view. max_gap: frames that are bridged at most."""

    def __init__(self, max_gap: int) -> None:
        self._max_gap = max_gap
        self._steps: deque[_Step] = deque()
        self._done = 0  # steps at the left end that are given already

    def feed(self, moment: Moment) -> list[tuple[Moment, list[Row]]]:
        self._steps.append(_step(moment))
        self._bridge()
        done = []
        while self._ready():
            done.append(self._next())
        return done

    def rest(self) -> list[tuple[Moment, list[Row]]]:
        return [self._next() for _ in range(len(self._steps) - self._done)]

    def _ready(self) -> bool:
        """Whether nothing that comes can change the next step to give."""
        sure = len(self._steps) - self._max_gap
        if self._done >= sure:
            return False
        last = self._steps[sure - 1].moment.seconds
        now = self._steps[self._done].moment.seconds
        return last - now >= REACH * self._spread()

    def _spread(self) -> float:
        """Seconds."""
        first, last = self._steps[0].moment.seconds, self._steps[-1].moment.seconds
        frame = (last - first) / max(len(self._steps) - 1, 1)
        return max(SPREAD, SPREAD_FRAMES * frame)

    def _next(self) -> tuple[Moment, list[Row]]:
        """The next step to give; those before it that no later one needs are let go."""
        step, spread = self._steps[self._done], self._spread()
        rows = [self._row(number, seen, step, spread) for number, seen in step.people.items()]
        self._done += 1
        now = step.moment.seconds
        while self._done > self._max_gap + 1 and (
            now - self._steps[0].moment.seconds > REACH * spread
        ):
            self._steps.popleft()
            self._done -= 1
        return step.moment, rows

    def _row(self, number: int, seen: _Seen, step: _Step, spread: float) -> Row:
        near = [
            (other.moment.seconds - step.moment.seconds, other.people[number].keypoints)
            for other in self._steps
            if number in other.people
            and abs(other.moment.seconds - step.moment.seconds) <= REACH * spread
        ]
        times = np.array([time for time, _ in near]) / spread
        made = seen.keypoints.copy()
        found = made[:, 2] > 0
        smooth = _parabola_at_0(times, np.stack([points for _, points in near]))
        made[found, :2] = smooth[found]
        filled = seen.filled & inside(made, step.moment.result.frame.size)
        made[seen.filled & ~filled] = 0
        return Row(number, made, seen.raw, filled, seen.score)

    def _bridge(self) -> None:
        """Points that are found now and were found not too long ago: the frames between."""
        now = self._steps[-1]
        reach = range(2, min(self._max_gap + 2, len(self._steps)) + 1)
        for number, seen in now.people.items():
            wanted = seen.raw[:, 2] > 0
            for back in reach:
                before = self._steps[-back].people.get(number)
                if before is None:
                    continue
                ends = wanted & (before.raw[:, 2] > 0)
                if back > 2 and ends.any():
                    self._fill(number, back, ends)
                wanted &= ~ends
                if not wanted.any():
                    break

    def _fill(self, number: int, back: int, parts: np.ndarray) -> None:
        """Straight lines between the last step and the one `back` from the end of all steps."""
        first, last = self._steps[-back], self._steps[-1]
        a, b = first.people[number], last.people[number]
        whole = last.moment.seconds - first.moment.seconds
        for place in range(len(self._steps) - back + 1, len(self._steps) - 1):
            step = self._steps[place]
            share = (step.moment.seconds - first.moment.seconds) / whole
            seen = step.people.get(number)
            if seen is None:
                nothing = np.zeros_like(a.raw)
                seen = _Seen(nothing, nothing.copy(), np.zeros(len(nothing), bool), a.score)
                step.people[number] = seen
            points = a.raw[parts] + np.float32(share) * (b.raw[parts] - a.raw[parts])
            points[:, 2] = np.minimum(a.raw[parts, 2], b.raw[parts, 2])
            seen.keypoints[parts], seen.filled[parts] = points, True


def _step(moment: Moment) -> _Step:
    people = {
        number: _Seen(keypoints.copy(), keypoints, np.zeros(len(keypoints), bool), score)
        for number, keypoints, score in moment.people()
    }
    return _Step(moment, people)


def _parabola_at_0(times: np.ndarray, points: np.ndarray) -> np.ndarray:
    """(parts, 2): what weighted parabolas through the points are at time 0.

    times: (moments,), in spreads. points: (moments, parts, 3); score 0: not there.
    """
    weights = np.exp(times**2 / -2)[:, None] * points[..., 2]
    powers = times[:, None] ** np.arange(3)
    squares = powers[:, :, None] * powers[:, None, :]
    left = np.einsum("tp,tij->pij", weights, squares)
    total = np.maximum(left[:, 0, 0], 1e-9)
    left += total[:, None, None] * (STEADY + np.diag([1e-9] * 3))
    origin = points[np.abs(times).argmin(), :, :2]  # keeps numbers small
    right = np.einsum("tp,ti,tpx->pix", weights, powers, points[..., :2] - origin)
    return np.linalg.solve(left, right)[:, 0] + origin
