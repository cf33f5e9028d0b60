"""What is known about each model, and whether a file of it is on this machine."""

import dataclasses
from pathlib import Path
from typing import Any

from openpose_py.errors import UsageError, nearest
from openpose_py.store.catalogue import Entry, catalogue
from openpose_py.weights.find import weights_there
from openpose_py.zoo.cards import ModelCard


@dataclasses.dataclass(frozen=True)
class Listed:
    """path: the file that a run would read; None: no file is there."""

    entry: Entry
    path: Path | None

    @property
    def card(self) -> ModelCard:
        return self.entry.card


def listing(
    model_folder: Path, family: str = "", skeleton: str = "", present: bool | None = None
) -> list[Listed]:
    """The models that fit all filters; an empty one fits all. present: with a file, or without."""
    entries = list(catalogue().values())
    _check("--family", family, {entry.family for entry in entries})
    _check("--skeleton", skeleton, {entry.card.skeleton for entry in entries})
    found = [
        Listed(entry, weights_there(entry.card, model_folder))
        for entry in entries
        if family in ("", entry.family) and skeleton in ("", entry.card.skeleton)
    ]
    return [one for one in found if present is None or bool(one.path) == present]


def as_table(listed: Listed) -> dict[str, Any]:
    """For JSON: the card's keys, the family and the path."""
    card = dataclasses.asdict(listed.card)
    path = str(listed.path) if listed.path else None
    return {"family": listed.entry.family, "present": bool(path), "path": path, **card}


def short_licence(card: ModelCard) -> str:
    """Without what stands in brackets or behind a semicolon."""
    return card.licence.partition(" (")[0].partition(";")[0]


def _check(where: str, value: str, known: set[str]) -> None:
    if value and value not in known:
        hint = nearest(value, known) or f"known: {', '.join(sorted(known))}"
        raise UsageError(f"there is no {value!r}", where=where, hint=hint)
