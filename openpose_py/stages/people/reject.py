"""Stage 3 of 5: maps -> people. Weak groups of peaks are removed, the others become people.

One program for all backends: there are never enough people for it to be slow. It follows
OpenPose's net/bodyPartConnectorBase.cpp.
"""

import numpy as np

from openpose_py.records import Peaks, People
from openpose_py.stages.people.options import DecodeOptions, Groups

FEET = slice(19, 25)
LEFT_HAND, RIGHT_HAND, FACE = slice(25, 45), slice(45, 65), slice(65, 135)  # of BODY_135
WHOLE_BODY = 135  # parts from which hands and a face each count as one part
FEW_PARTS = 4  # a group with feet and no more other parts than this is dropped
OVERLAPS = (0.3, 0.01)  # of two faces: enough always, enough among fewer than MANY_FACES
MANY_FACES = 3
MARGINS = (0.2, 0.1)  # round a loose face, round the others


def people_from(
    groups: Groups, peaks: Peaks, limbs: int, net_to_frame: float, options: DecodeOptions
) -> People:
    """The groups that are strong enough, in their order. limbs: number of the skeleton's limbs."""
    kept, loose, faced = keep(groups, options.maximize_positives, options)
    if not len(kept) and not options.maximize_positives:
        kept, loose, faced = keep(groups, True, options)
    if not len(kept):
        return People.nobody(peaks.parts)
    keypoints, scores = keypoints_of(groups, peaks), groups.scores.copy()
    for face in loose:
        _attach(face, faced, keypoints, scores)
    keypoints[:, :, :2] *= np.float32(net_to_frame)
    share = np.float32(1) / np.float32(peaks.parts + limbs)
    return People(keypoints[kept], scores[kept] * share)


def keep(
    groups: Groups, maximize_positives: bool, options: DecodeOptions
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Numbers of the groups that stay, of those that are a face without a body, and of those that
    have both; only whole-body skeletons have the latter two."""
    found = groups.peaks >= 0
    parts = found.shape[1]
    count = found.sum(axis=1)
    loose = faced = np.zeros(len(count), bool)
    if parts >= WHOLE_BODY:
        without_face = _as_one(count, found[:, FACE])
        loose = without_face == 1
        faced = (without_face != count) & ~loose
        count = _as_one(_as_one(without_face, found[:, RIGHT_HAND]), found[:, LEFT_HAND])
    dropped = loose
    if not maximize_positives and (parts == 25 or parts > 70):
        feet = found[:, FEET].sum(axis=1)
        count = count - feet
        dropped = dropped | ((feet > 0) & (count <= FEW_PARTS))
    least = np.float32(options.min_score)
    with np.errstate(divide="ignore", invalid="ignore"):
        strong = groups.scores / count.astype(np.float32) >= least
    kept = ~dropped & (count >= options.min_parts) & strong
    return np.flatnonzero(kept), np.flatnonzero(loose), np.flatnonzero(faced)


def _as_one(count: np.ndarray, found: np.ndarray) -> np.ndarray:
    """The part counts when all parts of a hand or a face count as one."""
    several = found.sum(axis=1)
    return np.where(several > 1, count + 1 - several, count)


def keypoints_of(groups: Groups, peaks: Peaks) -> np.ndarray:
    """float32 (groups, parts, 3): x, y in net pixels, score; 0, 0, 0 where a part is missing."""
    keypoints = np.zeros((*groups.peaks.shape, 3), np.float32)
    group, part = np.nonzero(groups.peaks >= 0)
    keypoints[group, part] = peaks.table[peaks.starts[part] + groups.peaks[group, part]]
    return keypoints


def _attach(loose: int, faced: np.ndarray, keypoints: np.ndarray, scores: np.ndarray) -> None:
    """Gives the parts of a loose face to the face that it overlaps most, if it overlaps enough.
    Where both have a part, the higher score wins. Changes keypoints and scores."""
    if not len(faced):
        return
    box = _face_box(keypoints[loose], MARGINS[0])
    overlaps = [_overlap(box, _face_box(keypoints[other], MARGINS[1])) for other in faced]
    best = int(np.argmax(overlaps))
    always, among_few = OVERLAPS
    if not overlaps[best] > (among_few if len(faced) < MANY_FACES else always):
        return
    other = faced[best]
    for part in range(keypoints.shape[1]):
        gain = keypoints[loose, part, 2] - keypoints[other, part, 2]
        if gain > 0:
            keypoints[other, part] = keypoints[loose, part]
            scores[other] += gain


Box = tuple[np.float32, np.float32, np.float32, np.float32]  # left, top, right, bottom


def _face_box(keypoints: np.ndarray, margin: float) -> Box:
    """The box round a face in net pixels. The margin is a share of the largest coordinate, not of
    the size, as OpenPose has it."""
    face = keypoints[FACE]
    face = face[face[:, 2] > 0, :2]
    low, high = face.min(axis=0), face.max(axis=0)
    low, high = low - np.float32(margin) * high, high + np.float32(2 * margin) * high + 1
    return low[0], low[1], high[0], high[1]


def _overlap(one: Box, other: Box) -> float:
    """Intersection over union."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if not (width > 0 and height > 0):
        return 0.0
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return float(width * height / (areas[0] + areas[1] - width * height))
