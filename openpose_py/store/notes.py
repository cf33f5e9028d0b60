"""What is remembered between commands: licences that were agreed to, and pins of files.

A pin is the size and digest that a file had when it first came, for files whose publisher names
none. Both lie in the user's cache folder, as JSON.
"""

import json
from pathlib import Path
from typing import Any

from openpose_py.errors import ModelFileError
from openpose_py.stages.writers.whole_file import output_folder, write_whole
from openpose_py.weights.find import cache_folder

LICENCES, PINS = "licences.json", "pins.json"


def licence_agreed(licence: str) -> bool:
    return licence in _read(LICENCES)


def remember_licence(licence: str) -> None:
    _write(LICENCES, {**_read(LICENCES), licence: "agreed"})


def pinned_digest(path: str) -> str:
    """The sha256 that the file of this path below --model_folder had first; empty: unknown."""
    return str(_read(PINS).get(path, ""))


def pin_digest(path: str, sha256: str) -> None:
    _write(PINS, {**_read(PINS), path: sha256})


def _read(name: str) -> dict[str, Any]:
    path = cache_folder() / name
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as problem:
        raise _damaged(path) from problem
    if not isinstance(table, dict):
        raise _damaged(path)
    return table


def _write(name: str, table: dict[str, Any]) -> None:
    folder = output_folder(str(cache_folder()))
    write_whole(folder / name, json.dumps(table, indent=1).encode())


def _damaged(path: Path) -> ModelFileError:
    return ModelFileError("cannot be read", where=str(path), hint="delete it; it is made again")
