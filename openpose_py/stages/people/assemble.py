"""Stage 3 of 5: maps -> people. Links into groups of peaks, compiled; the definition is
`reference_people.assemble`. What is left of the groups is decided in `reject`."""

import numpy as np

from openpose_py.compiled import compiled
from openpose_py.records import Peaks
from openpose_py.stages.people.options import Groups, Links
from openpose_py.stages.people.reference_people import link_order
from openpose_py.zoo.skeletons import Skeleton


def assemble(peaks: Peaks, links: Links, skeleton: Skeleton) -> Groups:
    """All groups of peaks that links hold together, in the order of their first link."""
    order = link_order(peaks, links, skeleton)
    found, scores = _assemble(
        peaks.table, peaks.starts, links.index[order], links.scores[order], skeleton.limbs
    )
    return Groups(found, scores)


@compiled
def _assemble(
    table: np.ndarray, starts: np.ndarray, index: np.ndarray, links: np.ndarray, limbs: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """index, links: the links, best first. Groups that were merged into another have no peaks and
    are left out at the end."""
    owner = np.full(len(table), -1, np.int64)
    peaks = np.full((min(len(links), len(table)), len(starts) - 1), -1, np.int32)
    scores = np.zeros(len(peaks), np.float32)
    merged = np.zeros(len(peaks), np.bool_)
    groups = 0
    for link in range(len(links)):
        limb, a, b = index[link, 0], index[link, 1], index[link, 2]
        part_a, part_b = limbs[limb, 0], limbs[limb, 1]
        row_a, row_b = starts[part_a] + a, starts[part_b] + b
        owner_a, owner_b = owner[row_a], owner[row_b]
        if owner_a < 0 and owner_b < 0:
            peaks[groups, part_a], peaks[groups, part_b] = a, b
            scores[groups] = table[row_a, 2] + table[row_b, 2] + links[link]
            owner[row_a] = owner[row_b] = groups
            groups += 1
        elif owner_a < 0 or owner_b < 0:
            group = max(owner_a, owner_b)
            part, peak, row = (part_a, a, row_a) if owner_a < 0 else (part_b, b, row_b)
            if peaks[group, part] < 0:
                peaks[group, part] = peak
                scores[group] += table[row, 2] + links[link]
                owner[row] = group
        elif owner_a == owner_b:
            scores[owner_a] += links[link]
        else:
            low, high = min(owner_a, owner_b), max(owner_a, owner_b)
            if not np.any((peaks[low] >= 0) & (peaks[high] >= 0)):
                _move(peaks[high], peaks[low], starts, owner, low)
                scores[low] += scores[high] + links[link]
                merged[high] = True
    left = np.flatnonzero(~merged[:groups])
    return peaks[left], scores[left]


@compiled
def _move(
    gone: np.ndarray, keep: np.ndarray, starts: np.ndarray, owner: np.ndarray, group: int
) -> None:
    for part in range(len(gone)):
        if gone[part] >= 0:
            keep[part] = gone[part]
            owner[starts[part] + gone[part]] = group
