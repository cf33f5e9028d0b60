"""Stage 3 of 5: maps -> people. What the compiled decoders of tf-pose and Lightweight OpenPose fill
while they put people together."""

from typing import NamedTuple

import numpy as np

from openpose_py.compiled import inlined


class Found(NamedTuple):
    """Groups in the making: peaks int64 (room, parts), rows of the table of peaks or -1; scores
    (room,), in the decoder's precision; counts int64 (room,), how often a part was set."""

    peaks: np.ndarray
    scores: np.ndarray
    counts: np.ndarray


@inlined
def most_links(starts: np.ndarray, limbs: np.ndarray) -> int:
    """Room that suffices: every peak is in at most one link of a limb, and no more groups than
    links arise. starts: of the parts in the table of peaks."""
    most = 0
    for limb in range(len(limbs)):
        first, second = limbs[limb, 0], limbs[limb, 1]
        most += min(starts[first + 1] - starts[first], starts[second + 1] - starts[second])
    return most
