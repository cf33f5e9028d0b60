"""Finds a model's weight file where OpenPose keeps it."""

from pathlib import Path

from openpose_py.errors import MissingModel
from openpose_py.zoo.cards import ModelCard
from openpose_py.zoo.folder import models_folder


def find_weights(card: ModelCard, model_folder: Path, caffemodel_path: str = "") -> Path:
    """The first file that is there: the one of --caffemodel_path, or one of the card's."""
    places = _places(card, model_folder, caffemodel_path)
    for place in places:
        if place.is_file():
            return place
    looked = ", ".join(map(str, places))
    if caffemodel_path:
        what = f"the weights of {card.name} are not there: {caffemodel_path}"
        hint = f"looked for {looked}\n  --caffemodel_path is read below --model_folder"
        raise MissingModel(what, where="--caffemodel_path", hint=hint)
    raise MissingModel(
        f"the weights of {card.name} are not there: {_published(card)[0]}",
        where=str(model_folder),
        hint=f"{_what_to_do(card, model_folder)}\n  licence: {card.licence}\n  looked for {looked}",
    )


def _places(card: ModelCard, model_folder: Path, caffemodel_path: str) -> list[Path]:
    if caffemodel_path:
        return [model_folder / caffemodel_path.lstrip("/"), Path(caffemodel_path)]
    whole = [model_folder / file.path for file in card.files]
    packaged = [models_folder() / file.path for file in card.files]
    bare = [model_folder / Path(file.path).name for file in card.files]
    return list(dict.fromkeys([*whole, *bare, *packaged]))


def _published(card: ModelCard) -> tuple[str, str]:
    """Path and first address of the first file that has one."""
    for file in card.files:
        if file.sources:
            return file.path, file.sources[0]
    return card.files[0].path, ""


def _what_to_do(card: ModelCard, model_folder: Path) -> str:
    path, source = _published(card)
    get = f"get {source} and put it at" if source else "put it at"
    return f"{get} {model_folder / path}, or name its folder with --model_folder DIR"
