"""Stage 4 of 5: people -> pictures. What `--part_to_show` may show, and its numbers.

0 skeletons; 1 the background; 2 all parts; 3 all PAFs; from 4 on the parts, in order; after them
the PAFs of the limbs, in order. That is OpenPose's numbering for models with a background map.
It has another one for BODY_25B and BODY_135, which have none: there it counts parts from the
second one on and limbs one lower. Here all models count alike, and 1 is their first part, as in
OpenPose.
"""

import dataclasses

import numpy as np

from openpose_py.errors import UsageError
from openpose_py.zoo.skeletons import Skeleton

SKELETONS, BACKGROUND, ALL_PARTS, ALL_PAFS, FIRST_PART = 0, 1, 2, 3, 4


@dataclasses.dataclass(frozen=True)
class HeatElement:
    """One view. parts: int64 (maps,), channels of the network's output. pafs: int64 (limbs, 2),
    channels of x and y. One of them is empty. single: one map, or one limb's two."""

    name: str
    parts: np.ndarray
    pafs: np.ndarray
    single: bool


def elements(skeleton: Skeleton) -> int:
    """How many views a model has; they are numbered from 0."""
    return FIRST_PART + len(skeleton.parts) + len(skeleton.limbs)


def element_name(skeleton: Skeleton, element: int) -> str:
    """What a view shows, as OpenPose writes it into its window; empty for skeletons."""
    return "" if element == SKELETONS else heat_element(skeleton, element).name


def heat_element(skeleton: Skeleton, element: int) -> HeatElement:
    """The view of a number from 1 on."""
    parts, no_pafs = np.arange(len(skeleton.parts)), np.zeros((0, 2), np.int64)
    if not SKELETONS < element < elements(skeleton):
        raise UsageError(f"{skeleton.name} has no heat map {element}", where="--part_to_show",
                         hint=f"choose one from 1 to {elements(skeleton) - 1}")  # fmt: skip
    if element == ALL_PARTS:
        return HeatElement("Heatmaps", parts, no_pafs, single=False)
    if element == ALL_PAFS:
        name = "PAFs (Part Affinity Fields)"
        return HeatElement(name, parts[:0], skeleton.paf_channels, single=False)
    if element == BACKGROUND and skeleton.background:
        return HeatElement("Background", parts[-1:] + 1, no_pafs, single=True)
    part = 0 if element == BACKGROUND else element - FIRST_PART
    if part < len(parts):
        return HeatElement(skeleton.parts[part], parts[part : part + 1], no_pafs, single=True)
    limb = part - len(parts)
    name = "->".join(skeleton.parts[end] for end in skeleton.limbs[limb])
    return HeatElement(name, parts[:0], skeleton.paf_channels[limb : limb + 1], single=True)
