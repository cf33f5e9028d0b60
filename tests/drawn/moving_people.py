"""People who walk, cross, hide, leave and come back, as keypoints, and who is who among them."""

import dataclasses

import numpy as np
from drawn.stick_people import FIGURE

from openpose_py.records import People
from openpose_py.zoo.skeletons import Skeleton, read_skeleton

SKELETON = read_skeleton("BODY_25B")
STANDING = np.array([FIGURE[part] for part in SKELETON.parts])  # (parts, 2), height 1
TURN = 0.4  # seconds in which somebody stops or turns round
LEAST_PARTS = 6  # that are to be seen of a person who counts as there
# how far a part swings forth and back when walking, in heights; left and right in turn
SWINGING = {"Knee": 0.05, "Ankle": 0.12, "Heel": 0.12, "Toe": 0.12, "Elbow": 0.04, "Wrist": 0.09}


@dataclasses.dataclass(frozen=True)
class Wishes:
    """noise: of a part, in heights. lost_parts, lost_people: shares that the network misses, the
    latter for `lost_for` seconds. false: people a frame who are none. pillars: that hide people."""

    people: int
    fps: float
    seconds: float = 8.0
    size: tuple[int, int] = (1920, 1080)
    noise: float = 0.01
    lost_parts: float = 0.05
    lost_people: float = 0.01
    lost_for: float = 0.0
    false: float = 0.0
    pillars: int = 2
    leaving: float = 0.3  # share of people who leave and come back
    near: float = 1.0  # factor of their heights, 0.16 to 0.34 of the picture for 10 people


@dataclasses.dataclass(frozen=True)
class Moment:
    """there: numbers of those to be seen, truth: (there, parts, 2). shown: the number of each of
    `people`, in a random order, -1 where it is nobody."""

    seconds: float
    there: list[int]
    truth: np.ndarray
    people: People
    shown: list[int]


def scene(wishes: Wishes, seed: int, skeleton: Skeleton = SKELETON) -> list[Moment]:
    draw = np.random.default_rng(seed)
    walkers = [_Walker(draw, wishes) for _ in range(wishes.people)]
    pillars = draw.uniform(0.2, 0.8, wishes.pillars) * wishes.size[0]
    away_until = np.zeros(wishes.people)
    moments = []
    for step in range(round(wishes.seconds * wishes.fps)):
        seconds = step / wishes.fps
        poses = np.stack([walker.pose(seconds) for walker in walkers])
        seen = _to_be_seen(poses, [walker.height for walker in walkers], pillars, wishes)
        there = np.flatnonzero(seen.sum(1) >= LEAST_PARTS)
        missed = draw.random(wishes.people) < wishes.lost_people
        away_until[missed] = seconds + wishes.lost_for
        found = np.array([n for n in there if not missed[n] and seconds >= away_until[n]], int)
        people, shown = _found(draw, poses, seen, found, walkers, wishes)
        moments.append(Moment(seconds, there.tolist(), poses[there], people, shown))
    return moments


class _Walker:
    """A person of its own height and build on its own way; taller ones are nearer."""

    def __init__(self, draw: np.random.Generator, wishes: Wishes) -> None:
        width, height = wishes.size
        crowd = (max(wishes.people, 10) / 10) ** 0.5  # who sees many sees them from farther away
        self.height = float(draw.uniform(0.16, 0.34) * height * wishes.near / crowd)
        build = np.ones((len(STANDING), 2))
        build[:, 0], build[:, 1] = draw.uniform(0.8, 1.2), 1
        self._figure = STANDING * build * self.height
        self._top = float(draw.uniform(0.05, 0.95) * (height - self.height))
        self._rise = float(draw.uniform(-0.05, 0.05) * self.height)
        self._phase, self._gait = draw.uniform(0, 2 * np.pi), draw.uniform(0.8, 1.1)
        speed = draw.uniform(0.3, 0.9) * self.height * draw.choice((-1, 1))
        leaves = draw.random() < wishes.leaving
        start = draw.uniform(0.1, 0.9) * width
        self._times, self._places = _way(draw, width, start, speed, self.height, leaves, wishes)
        self._swing = np.zeros((len(STANDING), 1))
        for n, part in enumerate(SKELETON.parts):
            swing = next((far for name, far in SWINGING.items() if part.endswith(name)), 0.0)
            opposite = part.startswith("L") ^ part.endswith(("Elbow", "Wrist"))
            self._swing[n] = swing * self.height * (1 if opposite else -1)

    def pose(self, seconds: float) -> np.ndarray:
        """(parts, 2)"""
        around = np.linspace(seconds - TURN / 2, seconds + TURN / 2, 9)
        x = np.interp(around, self._times, self._places).mean()
        moves = np.ptp(np.interp(around, self._times, self._places)) > 0
        swing = self._swing * np.sin(2 * np.pi * self._gait * seconds + self._phase) * moves
        rise = self._rise * np.sin(seconds)
        return self._figure + [x, self._top + rise] + swing * [1, 0]


def _way(
    draw: np.random.Generator, width: int, start: float, speed: float, height: float,
    leaves: bool, wishes: Wishes,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Times and places between which the person walks evenly: on, sometimes standing or turning;
    one who leaves goes just out of the picture, and comes back after 0.5 to 1.5 s."""
    times, places = [0.0], [start]
    while times[-1] < wishes.seconds + 1:
        edge = -0.4 * height if speed < 0 else width + 0.4 * height
        until_edge = (edge - places[-1]) / speed
        walk = draw.uniform(1.5, 4)
        if until_edge < walk and leaves:
            times += [times[-1] + until_edge, times[-1] + until_edge + draw.uniform(0.5, 1.5)]
            places += [edge, edge]
            speed, leaves = -speed, False
            continue
        if until_edge < walk + 1:  # turns before it leaves
            speed = -speed
        times.append(times[-1] + walk)
        places.append(places[-1] + walk * speed)
        if draw.random() < 0.3:
            times.append(times[-1] + draw.uniform(0.5, 1.5))
            places.append(places[-1])
        speed *= draw.choice((1, 1, -1)) * draw.uniform(0.8, 1.25)
    return np.array(times), np.array(places)


def _to_be_seen(
    poses: np.ndarray, heights: list[float], pillars: np.ndarray, wishes: Wishes
) -> np.ndarray:
    """bool (people, parts): in the picture, not behind a pillar or a nearer person's trunk."""
    x, y = poses[..., 0], poses[..., 1]
    seen = (x >= 0) & (y >= 0) & (x < wishes.size[0]) & (y < wishes.size[1])
    for pillar in pillars:
        seen &= np.abs(x - pillar) > 0.02 * wishes.size[0]
    for near, height in enumerate(heights):
        left, right = x[near].min(), x[near].max()
        top, bottom = y[near].min(), y[near].max()
        inner = (right - left) * 0.15
        covered = (x > left + inner) & (x < right - inner) & (y > top) & (y < bottom)
        seen &= ~(covered & (np.array(heights) < height)[:, None])
    return seen


def _found(
    draw: np.random.Generator, poses: np.ndarray, seen: np.ndarray, found: np.ndarray,
    walkers: list[_Walker], wishes: Wishes,
) -> tuple[People, list[int]]:  # fmt: skip
    shown = [*found.tolist(), *[-1] * int(draw.poisson(wishes.false))]
    keypoints = np.zeros((len(shown), poses.shape[1], 3), np.float32)
    for row, number in enumerate(shown):
        if number < 0:
            ghost = STANDING * draw.uniform(100, 300) + draw.uniform(0, 1, 2) * wishes.size
            keypoints[row, :, :2] = ghost
            keypoints[row, :, 2] = draw.uniform(0.1, 0.4)
            continue
        noise = draw.normal(0, wishes.noise * walkers[number].height, poses.shape[1:])
        kept = seen[number] & (draw.random(poses.shape[1]) >= wishes.lost_parts)
        keypoints[row, kept, :2] = (poses[number] + noise)[kept]
        keypoints[row, kept, 2] = draw.uniform(0.5, 0.95, kept.sum())
    order = draw.permutation(len(shown))
    people = People(keypoints[order], np.ones(len(shown), np.float32))
    return people, [shown[n] for n in order]
