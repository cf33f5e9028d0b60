"""Everything that a training needs to go on: written whole or not at all, at any moment."""

import dataclasses
import json
import os
from pathlib import Path
from typing import Any

import torch

from openpose_py.errors import InputError, OutputError, UsageError
from openpose_py.train.recipe import Recipe

FILE = "checkpoint.pt"
# The result depends on these; another length or other validation data may be wished later.
FREE = ("steps", "summary", "validation", "checkpoint_minutes", "half", "licence", "card")


@dataclasses.dataclass
class State:
    """step: how many are done. kept_norms: batch norms that stay as they came. figures: of the
    judgements that the rate depends on."""

    step: int
    network: dict[str, Any]
    average: dict[str, Any]
    optimizer: dict[str, Any]
    random: torch.Tensor
    kept_norms: list[str]
    recipe: str
    minutes: float
    figures: list[float] = dataclasses.field(default_factory=list)


def save_state(folder: Path, state: State) -> None:
    """Replaces the checkpoint of `folder`; the old one stays until the new one is on the disk."""
    path, partial = folder / FILE, folder / f"{FILE}.partial"
    try:
        with partial.open("wb") as file:
            torch.save(dict(vars(state)), file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    except OSError as problem:
        raise OutputError(f"cannot be written: {problem.strerror}", where=str(path)) from problem


def load_state(folder: Path, recipe: Recipe) -> State:
    path = folder / FILE
    if not path.is_file():
        raise InputError("there is nothing to resume", where=str(path),
                         hint="leave --resume out to begin")  # fmt: skip
    try:
        state = State(**torch.load(path, map_location="cpu", weights_only=True))
    except (OSError, RuntimeError, EOFError, TypeError, ValueError) as problem:
        raise InputError(f"cannot be read: {problem}", where=str(path)) from problem
    changed = changed_keys(state.recipe, recipe)
    if changed:
        raise UsageError(f"was made with another recipe: {', '.join(changed)}", where=str(path),
                         hint="resume with the same recipe, or use another --output")  # fmt: skip
    return state


def recipe_text(recipe: Recipe) -> str:
    return json.dumps(dataclasses.asdict(recipe))


def changed_keys(saved: str, recipe: Recipe) -> list[str]:
    """Keys of the recipe that matter to the result and are not as saved."""
    before, now = json.loads(saved), json.loads(recipe_text(recipe))
    return [key for key in now if key not in FREE and before.get(key) != now[key]]
