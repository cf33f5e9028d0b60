"""Cards that are no --model_pose: what looks at a part of a person, and what finds boxes."""

import functools

from openpose_py.zoo.cards import ModelCard, read_card
from openpose_py.zoo.folder import models_folder


@functools.cache
def part_card(name: str) -> ModelCard:
    """The card of "face" or "hand"."""
    return read_card(models_folder() / "openpose_parts" / f"{name.upper()}.toml")


@functools.cache
def detector_card(name: str) -> ModelCard:
    return read_card(models_folder() / "detectors" / f"{name}.toml")
