"""Cards of the models that look at a part of a person: face and hand. They are no --model_pose."""

import functools

from openpose_py.zoo.cards import ModelCard, read_card
from openpose_py.zoo.folder import models_folder


@functools.cache
def part_card(name: str) -> ModelCard:
    """The card of "face" or "hand"."""
    return read_card(models_folder() / "openpose_parts" / f"{name.upper()}.toml")
