"""Model files and where they lie, caches and their sizes, and whether files can be written."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from openpose_py.doctor.finding import LESS, OK, WRONG, Finding
from openpose_py.errors import OpenPoseError
from openpose_py.weights.find import cache_folder, weights_there, what_to_type
from openpose_py.zoo.cards import ModelCard, cards

AREA = "files"
DEFAULT = "BODY_25"
LEAST_SPACE = 1.0  # GiB


def files(model_folder: Path) -> Iterator[Finding]:
    try:
        known = cards()
    except (OpenPoseError, OSError) as problem:
        yield Finding(AREA, "model cards", WRONG, str(problem), "install openpose-py again")
        return
    yield from _models(known, model_folder)
    cache = cache_folder().parent
    yield from _caches(cache)
    yield _writable("cache folder", cache, "type: export XDG_CACHE_HOME=DIR")
    yield _writable("this folder", Path.cwd(), "give the --write_ flags another folder")
    yield _space(Path.cwd())


def _models(known: dict[str, ModelCard], folder: Path) -> Iterator[Finding]:
    here = {name: path for name, card in known.items() if (path := weights_there(card, folder))}
    for name, path in here.items():
        size = path.stat().st_size / 2**20
        yield Finding(AREA, f"model {name}", OK, f"{path} ({size:.0f} MiB)")
    card = known[DEFAULT]
    if DEFAULT not in here:
        stand_in = card.stand_in in here
        value = f"not there; {card.stand_in} stands in" if stand_in else "not there"
        yield Finding(AREA, f"model {DEFAULT}", LESS if here else WRONG, value, what_to_type(card))
    missing = len(known) - len(here)
    if missing:
        value = f"{missing} of {len(known)} have no file here"
        yield Finding(AREA, "other models", LESS, value, "type: openpose-py models list")


def _caches(cache: Path) -> Iterator[Finding]:
    """One line a kind: kernels of several versions are one."""
    sizes: dict[str, int] = {}
    for folder in sorted(cache.iterdir()) if cache.is_dir() else ():
        if folder.is_dir():
            name = folder.name.partition("-")[0]
            sizes[name] = sizes.get(name, 0) + _bytes(folder)
    for name, size in sizes.items():
        yield Finding(AREA, f"cache of {name}", OK, f"{size / 2**20:.1f} MiB in {cache}")


def _bytes(folder: Path) -> int:
    return sum(
        (Path(path) / name).lstat().st_size for path, _, names in os.walk(folder) for name in names
    )


def _writable(name: str, folder: Path, hint: str) -> Finding:
    """The folder, or the one in which it would be made."""
    there = next(one for one in (folder, *folder.parents) if one.is_dir())
    try:
        with tempfile.TemporaryFile(dir=there):
            return Finding(AREA, name, OK, f"{folder} can be written")
    except OSError as problem:
        return Finding(AREA, name, LESS, f"{folder}: {problem.strerror}", hint)


def _space(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free / 2**30
    less = free < LEAST_SPACE
    hint = "free some space, or write to another folder" if less else ""
    return Finding(AREA, "disk", LESS if less else OK, f"{free:.1f} GiB free", hint)
