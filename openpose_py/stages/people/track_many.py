"""Stage 3 of 5: people -> their numbers. `--track`: who is who, from keypoints alone.

A person's pose is carried on with a constant velocity that dies away while nobody sees the person.
People of the next frame are compared with these predictions part by part, as in COCO's object
keypoint similarity, but with tolerances that grow with the uncertainty of the prediction; the
pairs with the largest sum win. So a person who was hidden for a while is looked for in a growing
circle, and only somebody of the same build is taken. No pixels are read and nothing is random: the
numbers depend on keypoints and times alone.

Units: frame pixels, seconds, and `size`, the scale of a person, about half of its height.
"""

import dataclasses
from collections.abc import Callable, Iterable, Iterator

import numpy as np

from openpose_py.records import People, Result
from openpose_py.stages.people.assign import assign
from openpose_py.stages.people.frame_times import FrameTimes
from openpose_py.zoo.skeletons import Skeleton

# Tolerance of a part and how fast it may swing about the body, in sizes and sizes a second. The
# first are COCO's, rounded up; where prediction errors are larger than a labeller's, to those.
HEAD, TRUNK, MIDDLE, END = (0.12, 0.3), (0.17, 0.3), (0.2, 0.8), (0.25, 1.5)
TOLERANCES = {
    "Nose": HEAD, "Eye": HEAD, "Ear": HEAD, "HeadTop": HEAD, "Head": HEAD, "Neck": TRUNK,
    "UpperNeck": TRUNK, "Shoulder": TRUNK, "Chest": TRUNK, "MidHip": TRUNK, "Hip": TRUNK,
    "Knee": MIDDLE, "Elbow": MIDDLE, "Wrist": END, "Ankle": END, "BigToe": END, "SmallToe": END,
    "Heel": END,
}  # fmt: skip
SIZE = 0.55  # of the diagonal round a pose: the square root of a standing person's area
NOISE = 0.08  # sizes, of the place of a pose
FIRST_SPEED = 2.0  # sizes a second, of somebody seen once
UNREST = 4.0  # sizes^2 / s^3, how the velocity changes by itself
COASTING = 2.0  # seconds in which an unseen person's velocity dies away
SWING_SECONDS = 0.3  # after which a part swings back
LOST = 0.3  # sizes: a person's last sight, half hidden, is often off
LEVEL = 0.4  # of the uncertainty that is also up and down: people walk on level ground
TURNED = 1.5  # of its way since then: that of a person who is found nowhere else
WIDEST = 1.5  # sizes, of the uncertainty of an unseen person's place
SHARP = 0.25  # power with which a sharp prediction goes before a vague one
KNOWN_AFTER, LEAST_TRUST = 0.5, 0.5  # seconds after which a person counts in full; before: share
REACH = 1.8  # sizes between the middles of two sights of a person, more than half its height
BUILD = 0.2  # of the logarithm of all limbs' length together, between two pictures of somebody
LIKE = 0.45  # likeness of build below which a pose says nothing of place and speed
RECENT, MISSHAPEN = 0.35, 0.7  # seconds since the last sight: even a misshapen pose counts so much
ALIKE = 0.2  # least similarity
FEW = 3.0  # parts that are counted as different, so that few alike do not prove much
KEPT = 3.0  # seconds that an unseen person is remembered,
KEPT_BRIEF, KEPT_AS_LONG = 1.0, 2.0  # and somebody seen briefly: so long, and twice the time seen


def tracked(
    skeleton: Skeleton, rate: float = 0.0
) -> Callable[[Iterable[Result]], Iterator[Result]]:
    """Results in order, with `person_ids`; each view counts for itself.

    rate: frames a second of pictures, which have no times; 0 or less: the usual one.
    """

    def step(results: Iterable[Result]) -> Iterator[Result]:
        views: dict[int, tuple[FrameTimes, ManyTracker]] = {}
        for result in results:
            made = FrameTimes(rate), ManyTracker(skeleton)
            times, tracker = views.setdefault(result.frame.view, made)
            numbers = tracker.numbers(result.people, times.seconds(result.frame))
            yield dataclasses.replace(result, person_ids=numbers)

    return step


@dataclasses.dataclass(frozen=True, slots=True)
class _Tracks:
    """One row a person, in the order of their numbers; the arrays change in place.

    points: (people, parts, 2), the pose as predicted. known: (people, parts), whether the part was
    ever seen. velocity: (people, 2). spread: (people, 3), variances of the place along an axis: of
    place, place and velocity, velocity. size, first, last: (people,); seconds of the first and the
    last time seen. limbs: (people, limbs), mean lengths, 0 where never seen.
    """

    numbers: np.ndarray
    points: np.ndarray
    known: np.ndarray
    velocity: np.ndarray
    spread: np.ndarray
    size: np.ndarray
    first: np.ndarray
    last: np.ndarray
    limbs: np.ndarray

    def __len__(self) -> int:
        return len(self.numbers)

    def of(self, rows: np.ndarray) -> "_Tracks":
        return _Tracks(*(getattr(self, field.name)[rows] for field in dataclasses.fields(self)))

    def and_then(self, more: "_Tracks") -> "_Tracks":
        pairs = ((getattr(self, f.name), getattr(more, f.name)) for f in dataclasses.fields(self))
        return _Tracks(*(np.concatenate(pair) for pair in pairs))


class ManyTracker:
    """Numbers the people of one view, from 0 on; frames must come in order."""

    def __init__(self, skeleton: Skeleton) -> None:
        names = [_without_side(part) for part in skeleton.parts]
        used = [n for n, name in enumerate(names) if name in TOLERANCES] or range(len(names))
        tolerances = [TOLERANCES.get(names[n], MIDDLE) for n in used]
        self._parts = np.array(used)
        self._width, self._swing = np.array(tolerances, np.float32).T
        row_of = {part: row for row, part in enumerate(used)}
        self._limbs = np.array(
            [(row_of[a], row_of[b]) for a, b in skeleton.limbs.tolist() if {a, b} <= set(row_of)],
            np.int64,
        ).reshape(-1, 2)
        self._tracks: _Tracks | None = None
        self._before = self._now = 0.0
        self._next = 0

    def numbers(self, people: People, seconds: float) -> np.ndarray:
        """int64 (people,). people: in frame pixels. seconds: never less than before."""
        seen = self._seen(people, seconds)
        self._before, self._now = self._now, seconds
        tracks = self._tracks
        if tracks is None:
            self._tracks = seen
            return self._new(seen, np.arange(len(seen)))
        kept = _remembered(tracks, seconds)
        tracks = tracks if len(kept) == len(tracks) else tracks.of(kept)
        _move_on(tracks, seconds - self._before, self._before)
        rows, found = self._pairs(tracks, seen, seconds)
        tracks.last[rows] = seconds
        size = np.maximum(tracks.size[rows], seen.size[found])
        like = _same_build(tracks.limbs[rows], seen.limbs[found], size) >= LIKE
        self._update(tracks, rows[like], seen, found[like])
        seen.numbers[found] = tracks.numbers[rows]
        new = np.flatnonzero(seen.numbers < 0)
        numbers = self._new(seen, new)
        self._tracks = tracks.and_then(seen.of(new)) if len(new) else tracks
        return numbers

    def _seen(self, people: People, seconds: float) -> _Tracks:
        """Everyone in the frame as a track that begins here."""
        chosen = people.keypoints[:, self._parts]
        points, known = chosen[..., :2].copy(), chosen[..., 2] > 0
        count, size = len(people), _sizes(points, known)
        spread = np.zeros((count, 3), np.float32)
        spread[:, 0], spread[:, 2] = (NOISE * size) ** 2, (FIRST_SPEED * size) ** 2
        times = np.full(count, seconds)
        return _Tracks(
            np.full(count, -1, np.int64), points, known, np.zeros((count, 2), np.float32),
            spread, size, times, times.copy(), self._limb_lengths(points, known),
        )  # fmt: skip

    def _new(self, seen: _Tracks, rows: np.ndarray) -> np.ndarray:
        seen.numbers[rows] = self._next + np.arange(len(rows))
        self._next += len(rows)
        return seen.numbers.copy()

    def _limb_lengths(self, points: np.ndarray, known: np.ndarray) -> np.ndarray:
        a, b = self._limbs.T
        across = points[:, a] - points[:, b]
        lengths = np.hypot(across[..., 0], across[..., 1])
        return np.where(known[:, a] & known[:, b], lengths, 0)

    def _pairs(
        self, tracks: _Tracks, seen: _Tracks, seconds: float
    ) -> tuple[np.ndarray, np.ndarray]:
        """Rows of both that belong together; whoever is left over may also have turned round."""
        rows, found = _assigned(self._gains(tracks, seen, seconds, 0.0))
        if len(rows) == len(tracks) or len(rows) == len(seen):
            return rows, found
        left = np.setdiff1d(np.arange(len(tracks)), rows)
        new = np.setdiff1d(np.arange(len(seen)), found)
        more, others = _assigned(self._gains(tracks.of(left), seen.of(new), seconds, TURNED))
        return np.append(rows, left[more]), np.append(found, new[others])

    def _gains(self, tracks: _Tracks, seen: _Tracks, seconds: float, turned: float) -> np.ndarray:
        """(tracks, seen): how likely each is each; 0 or less: not at all.

        turned: share of the way since the last sight by which its end is less sure.
        """
        away = seconds - tracks.last
        unsure = tracks.spread[:, 0] + (LOST * (tracks.last < self._before) * tracks.size) ** 2
        unsure += (turned * np.linalg.norm(tracks.velocity, axis=1) * away) ** 2
        unsure = np.minimum(unsure, (WIDEST * tracks.size) ** 2)
        row, column = _near(tracks, seen, np.sqrt(unsure))
        size = np.maximum(tracks.size[row], seen.size[column]) ** 2
        swing = np.minimum(away, SWING_SECONDS).astype(np.float32)[:, None] * self._swing
        width = (self._width**2 + swing**2)[row] * size[:, None]
        apart = (tracks.points[row] - seen.points[column]) ** 2
        apart = apart[..., 0] / (width + unsure[row, None]) + apart[..., 1] / (
            width + LEVEL * unsure[row, None]
        )
        both = tracks.known[row] & seen.known[column]
        alike = (np.exp(apart / -2) * both).sum(-1) / (both.sum(-1) + FEW)
        build = _same_build(tracks.limbs[row], seen.limbs[column], np.sqrt(size))
        alike *= np.maximum(build, np.where(away <= RECENT, MISSHAPEN, 0)[row])
        sharp = TRUNK[0] ** 2 * size
        sharp = (sharp / (sharp + unsure[row])) ** SHARP
        trust = np.clip((tracks.last - tracks.first) / KNOWN_AFTER, LEAST_TRUST, 1)[row]
        gains = np.zeros((len(tracks), len(seen)))
        gains[row, column] = (alike - ALIKE) * sharp * trust
        return gains

    def _update(self, tracks: _Tracks, rows: np.ndarray, seen: _Tracks, found: np.ndarray) -> None:
        """Pose, velocity and build of those who were found again: a Kalman filter of the place."""
        known, points, before = seen.known[found], seen.points[found], tracks.points[rows]
        weights = (tracks.known[rows] & known) / self._width**2
        moved = (points - before) * weights[..., None]
        moved = moved.sum(1) / np.maximum(weights.sum(1), 1e-9)[:, None]
        spread = tracks.spread[rows]
        noise = (NOISE * tracks.size[rows]) ** 2
        gain, speed_gain = (spread[:, :2] / (spread[:, :1] + noise[:, None])).T
        tracks.velocity[rows] += speed_gain[:, None] * moved
        tracks.spread[rows] = spread - np.stack(
            [gain * spread[:, 0], gain * spread[:, 1], speed_gain * spread[:, 1]], 1
        )
        held = (gain[:, None] * moved)[:, None]
        tracks.points[rows] = np.where(
            known[..., None], points - moved[:, None] + held, before + held
        )
        tracks.known[rows] |= known
        size = _sizes(tracks.points[rows], tracks.known[rows])
        tracks.size[rows] = 0.7 * tracks.size[rows] + 0.3 * size
        limbs, old = seen.limbs[found], tracks.limbs[rows]
        mean = np.where(old > 0, old + 0.2 * (limbs - old), limbs)
        tracks.limbs[rows] = np.where(limbs > 0, mean, old)


def _assigned(gains: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    rows, columns = np.array(assign(gains), np.int64).reshape(-1, 2).T
    return rows, columns


def _without_side(part: str) -> str:
    """The part's name without the L or R in front of it."""
    return part[1:] if part[0] in "LR" and part[1:2].isupper() else part


def _sizes(points: np.ndarray, known: np.ndarray) -> np.ndarray:
    """float32 (people,): of poses points (people, parts, 2); at least one pixel."""
    there = known[..., None]
    low = np.where(there, points, np.inf).min(1)
    high = np.where(there, points, -np.inf).max(1)
    sides = np.where(known.any(1, keepdims=True), high - low, 0)
    return np.maximum(SIZE * np.linalg.norm(sides, axis=1), 1).astype(np.float32)


def _remembered(tracks: _Tracks, seconds: float) -> np.ndarray:
    kept = np.minimum(KEPT, KEPT_BRIEF + KEPT_AS_LONG * (tracks.last - tracks.first))
    return np.flatnonzero(seconds - tracks.last <= kept)


def _move_on(tracks: _Tracks, seconds: float, before: float) -> None:
    """Everyone to where they should be now, less sure. before: seconds of the last frame."""
    unseen = tracks.last < before
    fade = np.where(unseen, np.exp(-seconds / COASTING), 1)[:, None].astype(np.float32)
    tracks.velocity[:] *= fade
    tracks.points[:] += (tracks.velocity * seconds)[:, None]
    place, mixed, speed = tracks.spread.T
    unrest = UNREST * tracks.size**2
    place += seconds * (2 * mixed + seconds * speed) + unrest * seconds**3 / 3
    mixed += seconds * speed + unrest * seconds**2 / 2
    speed += unrest * seconds


def _near(tracks: _Tracks, seen: _Tracks, unsure: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns of the pairs whose middles are not too far apart to be one person."""
    middles = [_middles(one.points, one.known) for one in (tracks, seen)]
    apart = ((middles[0][:, None] - middles[1]) ** 2).sum(-1)
    reach = REACH * np.maximum(tracks.size[:, None], seen.size) + 2 * unsure[:, None]
    row, column = np.nonzero(apart < reach**2)
    return row, column


def _middles(points: np.ndarray, known: np.ndarray) -> np.ndarray:
    there = known[..., None]
    return (points * there).sum(1) / np.maximum(there.sum(1), 1)


def _same_build(limbs: np.ndarray, others: np.ndarray, size: np.ndarray) -> np.ndarray:
    """(pairs,): 1 where limbs are as long all together, towards 0 the more they differ."""
    both = (limbs > 0) & (others > 0)
    mine, theirs = (limbs * both).sum(-1), (others * both).sum(-1)
    ratio = np.log((mine + size) / (theirs + size))
    return np.exp((ratio / BUILD) ** 2 / -2)
