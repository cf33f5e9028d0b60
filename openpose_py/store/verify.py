"""Checks the files that are on this machine against their cards and pins."""

import dataclasses
from pathlib import Path

from openpose_py.errors import ModelFileError
from openpose_py.store.check_file import check_file
from openpose_py.weights.find import converted_place, weights_there
from openpose_py.zoo.cards import ModelCard, WeightFile


@dataclasses.dataclass(frozen=True)
class Verified:
    """text: how the file was checked, or what is wrong with it."""

    name: str
    path: Path
    right: bool
    text: str


def verify(card: ModelCard, model_folder: Path) -> Verified | None:
    """Reads the file that a run would read, whole. None: there is none."""
    path = weights_there(card, model_folder)
    if path is None:
        return None
    try:
        checked = check_file(path, _row_of(card, path), card.networks)
        return Verified(card.name, path, True, checked)
    except ModelFileError as problem:
        return Verified(card.name, path, False, problem.what)


def _row_of(card: ModelCard, path: Path) -> WeightFile:
    """The card's row of a file that was found; a converted one has a pin of its own."""
    for row in card.files:
        if path.name == Path(row.path).name and path.as_posix().endswith(row.path):
            return row
    for row in card.files:
        if path.name == converted_place(Path(), row).name:
            place = converted_place(Path(), row).as_posix()
            return WeightFile(path=place, network=row.network)
    return next(row for row in card.files if path.name == Path(row.path).name)
