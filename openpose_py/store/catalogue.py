"""Every card there is: of `--model_pose`, of parts of a person, and of detectors."""

import dataclasses
import functools

from openpose_py.errors import UsageError, nearest
from openpose_py.zoo.cards import FAMILIES, ModelCard, read_card
from openpose_py.zoo.folder import models_folder

APART = ("openpose_parts", "detectors")  # folders of cards that are no --model_pose


@dataclasses.dataclass(frozen=True)
class Entry:
    """family: the folder of the card."""

    family: str
    card: ModelCard


@functools.cache
def catalogue() -> dict[str, Entry]:
    """All entries by name, in the order of their files."""
    found: dict[str, Entry] = {}
    for family in dict.fromkeys((*FAMILIES, *APART)):
        for path in sorted((models_folder() / family).glob("*.toml")):
            card = read_card(path)
            found[card.name] = Entry(family, card)
    return found


def entry_named(name: str) -> Entry:
    """The entry of that name; MPII is read as MPI."""
    known = catalogue()
    name = "MPI" if name == "MPII" else name
    if name in known:
        return known[name]
    hint = nearest(name, known) or "type: openpose-py models list"
    raise UsageError(f"there is no model {name!r}", hint=hint)
