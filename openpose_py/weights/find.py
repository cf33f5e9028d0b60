"""Finds a model's weight file: below --model_folder, then in the user's cache, then packaged."""

import os
from collections.abc import Iterator
from pathlib import Path

from openpose_py.errors import MissingModel
from openpose_py.zoo.cards import ModelCard, WeightFile
from openpose_py.zoo.folder import models_folder

CONVERTED = ".safetensors"  # what `openpose-py models import` makes, in the place of the published


def find_weights(card: ModelCard, model_folder: Path, caffemodel_path: str = "") -> Path:
    """The first file that is there: the one of --caffemodel_path, or one of the card's."""
    if caffemodel_path:
        return _named(card, model_folder, caffemodel_path)
    found = weights_there(card, model_folder)
    if found:
        return found
    path, source = _published(card)
    lines = (
        what_to_type(card),
        f"or put {source or 'it'} at {model_folder / path}, or name its folder: --model_folder DIR",
        f"licence: {card.licence}",
        f"looked below {model_folder} and {cache_folder()} for "
        f"{', '.join(file.path for file in card.files)}",
    )
    raise MissingModel(
        f"the weights of {card.name} are not there: {path}",
        where=str(model_folder), hint="\n  ".join(lines),
    )  # fmt: skip


def weights_there(card: ModelCard, model_folder: Path) -> Path | None:
    """The file that a run would read, or None."""
    return next((place for place in _places(card, model_folder) if place.is_file()), None)


def cache_folder() -> Path:
    """Where `openpose-py models` keeps files: laid out below it as below --model_folder."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "openpose-py" / "models"


def converted_place(folder: Path, file: WeightFile) -> Path:
    """Where the converted copy of a published file lies below a folder of models."""
    return (folder / file.path).with_suffix(CONVERTED)


def what_to_type(card: ModelCard) -> str:
    """The one command that gets a model's weights."""
    if any(file.sources for file in card.files):
        return f"type: openpose-py models pull {card.name}"
    return f"no place to get them is known; have you a copy? openpose-py models import FILE " \
           f"--name {card.name}"  # fmt: skip


def _named(card: ModelCard, model_folder: Path, caffemodel_path: str) -> Path:
    places = [model_folder / caffemodel_path.lstrip("/"), Path(caffemodel_path)]
    for place in places:
        if place.is_file():
            return place
    looked = ", ".join(map(str, places))
    raise MissingModel(
        f"the weights of {card.name} are not there: {caffemodel_path}",
        where="--caffemodel_path",
        hint=f"looked for {looked}\n  --caffemodel_path is read below --model_folder",
    )


def _places(card: ModelCard, model_folder: Path) -> Iterator[Path]:
    for folder in (model_folder, cache_folder()):
        for file in card.files:
            yield folder / file.path
            yield converted_place(folder, file)
        for file in card.files:
            yield folder / Path(file.path).name
    for file in card.files:
        yield models_folder() / file.path


def _published(card: ModelCard) -> tuple[str, str]:
    """Path and first address of the first file that has one."""
    for file in card.files:
        if file.sources:
            return file.path, file.sources[0]
    return card.files[0].path, ""
