"""Stage 3 of 5: maps -> people. One person found in several boxes becomes one again.

AlphaPose's parametric pose NMS (pPose_nms.py): the best pose takes all that are like it, and each
of its joints becomes the mean of theirs. `every_pose` leaves them all, as published scores do.
"""

import dataclasses

import numpy as np

HALPE, WHOLE_BODY = 136, 133
FACE_START, HAND_START = 110, 42  # counted from the end
MATCHING = (26, 94)  # first face and hand joint where near joints are counted; of both skeletons
NEAR = 1.0  # pixels
SMALLEST_SCORE = 1e-5  # in the place of 0
FACE_SIZE, HAND_SIZE = 1.9, 0.55  # how far apart their joints may be, of the body's
HAND_SCORE, HAND_DISTANCE = 0.1, 1.5  # weights
REFERENCE_MATCH, REFERENCE_MERGE = 7.0, 15.0  # pixels
ROOM = 1.5**2  # a person's area by that of the box round the joints
BEST_JOINT = 1.25  # weight of the highest joint score in a person's


@dataclasses.dataclass(frozen=True)
class NmsConstants:
    """delta1, mu, delta2, gamma: of the similarity. score: lowest best joint of a person. match:
    near joints that make two poses one. alpha: reference distance, of the box's longer side."""

    delta1: float = 1.0
    mu: float = 1.7
    delta2: float = 2.65
    gamma: float = 22.48
    score: float = 0.3
    match: float = 5.0
    alpha: float = 0.1


BODY = NmsConstants()
FULL_BODY = NmsConstants(mu=1.65, delta2=8.0, gamma=3.6, score=0.01, match=3.0, alpha=0.15)


@dataclasses.dataclass(frozen=True)
class FoundPoses:
    """One row a person, best first. keypoints: float32 (people, joints, 3), frame pixels. scores:
    float32 (people,), AlphaPose's proposal scores. picked: int64 (people,), the poses' rows in what
    was given. merged: for each person the rows that became it, the picked one among them."""

    keypoints: np.ndarray
    scores: np.ndarray
    picked: np.ndarray
    merged: tuple[tuple[int, ...], ...]


def every_pose(box_scores: np.ndarray, keypoints: np.ndarray) -> FoundPoses:
    """box_scores: float32 (n,). keypoints: float32 (n, joints, 3). All people as they are."""
    rows = np.arange(len(keypoints))
    scores = [
        _proposal(joints[:, 2], box) for joints, box in zip(keypoints, box_scores, strict=True)
    ]
    merged = tuple((int(row),) for row in rows)
    return FoundPoses(keypoints, np.array(scores, np.float32), rows, merged)


def merge_poses(
    boxes: np.ndarray, box_scores: np.ndarray, keypoints: np.ndarray, decoding: str,
    min_box_area: float = 0.0,
) -> FoundPoses:  # fmt: skip
    """boxes: float32 (n, 4), the detector's, x, y, width, height. box_scores: float32 (n,).
    keypoints: float32 (n, joints, 3). All in frame pixels. decoding: how joints were found, see
    joints_of_heat.DECODINGS. min_box_area: square pixels; smaller people are left out.
    """
    joints = keypoints.shape[1]
    is_full = joints in (HALPE, WHOLE_BODY)
    constants = FULL_BODY if is_full and decoding in ("integral", "combined") else BODY
    points = keypoints[..., :2].astype(np.float64)
    scores = np.where(keypoints[..., 2] == 0, SMALLEST_SCORE, keypoints[..., 2]).astype(np.float64)
    reference = constants.alpha * boxes[:, 2:].max(axis=1, initial=0).astype(np.float64)
    found, picked, merged = [], [], []
    for pick, group in _groups(points, scores, reference, constants, is_full):
        if scores[pick].max() < constants.score:
            continue
        person = _merge(points, scores, pick, group, min(reference[pick], REFERENCE_MERGE))
        extent = np.ptp(person[:, :2], axis=0)
        if person[:, 2].max() < constants.score or ROOM * extent.prod() < min_box_area:
            continue
        found.append(person)
        picked.append(pick)
        merged.append(tuple(group))
    people = np.array(found, np.float32).reshape(len(found), joints, 3)
    rows = np.array(picked, np.int64)
    totals = [_proposal(p[:, 2], box_scores[row]) for p, row in zip(found, rows, strict=True)]
    return FoundPoses(people, np.array(totals, np.float32), rows, tuple(merged))


def _groups(
    points: np.ndarray, scores: np.ndarray, reference: np.ndarray, constants: NmsConstants,
    is_full: bool,
) -> list[tuple[int, list[int]]]:  # fmt: skip
    """The best pose and the rows that it takes, again and again until none is left."""
    left = np.arange(len(points))
    means = scores.mean(axis=1)
    groups = []
    while len(left):
        pick = int(left[means[left].argmax()])
        distance = np.linalg.norm(points[left] - points[pick], axis=2)
        radius = min(reference[pick], REFERENCE_MATCH)
        rule = _full_body_alike if is_full else _body_alike
        taken = rule(distance, scores[pick], scores[left], radius, constants)
        if not taken.any():
            taken = left == pick
        groups.append((pick, left[taken].tolist()))
        left = left[~taken]
    return groups


def _body_alike(
    distance: np.ndarray, best: np.ndarray, scores: np.ndarray, radius: float, c: NmsConstants
) -> np.ndarray:
    """bool (left,): which poses are the picked one. distance, scores: (left, joints)."""
    agreement = np.tanh(best / c.delta1) * np.tanh(scores / c.delta1) * (distance <= NEAR)
    similarity = agreement.sum(axis=1) + c.mu * np.exp(-distance / c.delta2).sum(axis=1)
    matching = (_shares(distance, radius) <= 1).sum(axis=1)
    return np.asarray((similarity > c.gamma) | (matching >= c.match))


def _full_body_alike(
    distance: np.ndarray, best: np.ndarray, scores: np.ndarray, radius: float, c: NmsConstants
) -> np.ndarray:
    """As `_body_alike`; body, face and hands count apart."""
    low = scores < c.score  # as upstream: agreement counts low scores, distances the others
    agreement = np.tanh(best / c.delta1) * np.tanh(scores / c.delta1) * (low & (distance <= NEAR))
    spread = np.full(distance.shape[1], c.delta2)
    spread[-FACE_START:-HAND_START] *= FACE_SIZE
    spread[-HAND_START:] *= HAND_SIZE
    closeness = np.where(low, 0, np.exp(-distance / spread))
    similarity = _three_means(agreement, HAND_SCORE) + c.mu * _three_means(closeness, HAND_DISTANCE)
    return np.asarray(
        (similarity > c.gamma) | (_full_matching(distance, best, radius, c) >= c.match)
    )


def _three_means(values: np.ndarray, hands: float) -> np.ndarray:
    """(left, joints) -> (left,): means over body, face and hands, the last weighed."""
    body, face = values[:, :-FACE_START], values[:, -FACE_START:-HAND_START]
    result: np.ndarray = body.mean(axis=1) + face.mean(axis=1)
    return result + hands * values[:, -HAND_START:].mean(axis=1)


def _full_matching(
    distance: np.ndarray, best: np.ndarray, radius: float, c: NmsConstants
) -> np.ndarray:
    """(left,): near joints; upstream divides by the people left too, so crowds are kept apart."""
    seen = 2 * int((best > c.score / 2).sum()) * len(distance)
    if seen < 2:
        return np.zeros(len(distance))
    face, hand = MATCHING
    shares = _shares(distance, radius)
    near = (shares[:, :face] <= 1).sum(axis=1) + (shares[:, face:hand] <= FACE_SIZE).sum(axis=1)
    near = near + (shares[:, hand:] <= HAND_SIZE).sum(axis=1)
    result: np.ndarray = near / seen / 2 * distance.shape[1]
    return result


def _shares(distance: np.ndarray, radius: float) -> np.ndarray:
    """distance / radius; 0 / 0 is 0."""
    return distance / max(radius, 1e-12)


def _merge(
    points: np.ndarray, scores: np.ndarray, pick: int, group: list[int], radius: float
) -> np.ndarray:
    """float64 (joints, 3): each joint the mean of the group's near the pick, weighed by scores."""
    distance = np.linalg.norm(points[group] - points[pick], axis=2)
    weights = scores[group] * (distance <= radius)
    total = weights.sum(axis=0)
    place = (points[group] * weights[..., None]).sum(axis=0) / total[:, None]
    return np.column_stack([place, (weights * scores[group]).sum(axis=0) / total])


def _proposal(joint_scores: np.ndarray, box_score: float) -> float:
    return float(joint_scores.mean() + box_score + BEST_JOINT * joint_scores.max())
