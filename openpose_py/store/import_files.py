"""Brings weight files that lie about on a disk to where a run finds them, whatever their names.

A file is known by what it holds; it becomes `.safetensors` in the place of the published file, a
darknet file is copied there.
Where several models have the same layers, the published file names decide, or `--name`.
"""

import dataclasses
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from openpose_py.errors import MissingModel, ModelFileError, UsageError
from openpose_py.stages.writers.whole_file import (
    cannot_write,
    output_folder,
    remove_quietly,
    temporary_beside,
)
from openpose_py.store.catalogue import catalogue, entry_named
from openpose_py.store.notes import pin_digest
from openpose_py.weights.any_network import DARKNET, AnyNetwork, load_any_network
from openpose_py.weights.convert import convert_to_safetensors
from openpose_py.weights.files import digest_of
from openpose_py.weights.find import converted_place
from openpose_py.zoo.cards import ModelCard, WeightFile
from openpose_py.zoo.skeletons import read_skeleton

ENDINGS = (
    ".caffemodel", ".pth", ".pt", ".tar", ".safetensors", ".pb", ".npy", ".xml", ".index", DARKNET,
)  # fmt: skip
SHARED_NAME = "XXXXXX"  # in the file name that three models of OpenPose have in common
# keys of a card that say nothing about how the model runs
APART_FROM_RUNNING = (
    "name", "summary", "networks", "licence", "thresholds", "maximize_positives", "files",
    "figures", "stand_in",
)  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Imported:
    source: Path
    card: ModelCard
    path: Path


def import_file(path: Path, folder: Path, name: str = "") -> Imported:
    """Brings one file into `folder`. name: of the model, where the file could be of several."""
    if not path.exists():
        raise MissingModel("there is no such file", where=str(path))
    asked = [entry_named(name).card] if name else []
    if path.suffix.lower() == DARKNET:
        return _copied(path, folder, asked)
    chosen: list[tuple[ModelCard, WeightFile]] = []

    def place(found: AnyNetwork) -> Path:
        chosen.append(_choose(path, found, asked))
        target = converted_place(folder, chosen[0][1])
        output_folder(str(target.parent))
        return target

    _, target = convert_to_safetensors(path, place)
    card, row = chosen[0]
    pin_digest(converted_place(Path(), row).as_posix(), digest_of(target))
    return Imported(path, card, target)


def weight_files(folder: Path) -> list[Path]:
    """All files below a folder whose endings are those of weight files, by name."""
    return sorted(
        path for path in folder.rglob("*") if path.suffix.lower() in ENDINGS and path.is_file()
    )


def _copied(path: Path, folder: Path, asked: list[ModelCard]) -> Imported:
    card, row = _choose(path, load_any_network(path), asked)
    target = folder / row.path
    temporary = temporary_beside(output_folder(str(target.parent)) / target.name)
    try:
        shutil.copyfile(path, temporary)
        os.replace(temporary, target)
    except OSError as problem:
        raise cannot_write(target, problem) from problem
    finally:
        remove_quietly(temporary)
    return Imported(path, card, target)


def _choose(path: Path, found: AnyNetwork, asked: list[ModelCard]) -> tuple[ModelCard, WeightFile]:
    """The card, and the row of it whose place the file takes."""
    every = [entry.card for entry in catalogue().values()]
    fitting = [card for card in every if _fits(found, card)]
    if asked and asked[0] not in fitting:
        names = _names(fitting) or "no known model"
        what = f"holds {found.name}, the network of {names}; not {asked[0].name}"
        hint = f"type: --name {fitting[0].name}" if fitting else ""
        raise ModelFileError(what, where=str(path), hint=hint)
    fitting = asked or _narrowed(fitting, path)
    if not fitting:
        raise ModelFileError(f"holds {found.name}, of which there is no model", where=str(path))
    if len({_way_of_running(card) for card in fitting}) > 1:
        raise UsageError(
            f"could be of several models, which run differently: {_names(fitting)}",
            where=str(path), hint="say which one it is: --name NAME",
        )  # fmt: skip
    return fitting[0], _row_for(fitting[0], path, found)


def _fits(found: AnyNetwork, card: ModelCard) -> bool:
    if found.name not in card.networks:
        return False
    if found.maps is None:
        return True
    parts = len(read_skeleton(card.skeleton).parts)
    return found.maps in (parts, parts + 1)  # the last may be the background


def _narrowed(fitting: list[ModelCard], path: Path) -> list[ModelCard]:
    """Those that have a file of this name; else of this ending; else all."""
    if SHARED_NAME not in path.name:
        named = [card for card in fitting if path.name in _published(card, "name")]
        if named:
            return named
    return [card for card in fitting if path.suffix in _published(card, "suffix")] or fitting


def _published(card: ModelCard, part: str) -> set[str]:
    return {getattr(Path(row.path), part) for row in card.files}


def _way_of_running(card: ModelCard) -> str:
    """What weights do not tell."""
    table = dataclasses.asdict(card)
    return repr({key: table[key] for key in table if key not in APART_FROM_RUNNING})


def _row_for(card: ModelCard, path: Path, found: AnyNetwork) -> WeightFile:
    rows = [row for row in card.files if row.network == found.name] or list(card.files)
    return next((row for row in rows if Path(row.path).name == path.name), rows[0])


def _names(cards: Iterable[ModelCard]) -> str:
    return ", ".join(card.name for card in cards)
