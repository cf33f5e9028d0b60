"""Gets the published files of a model: address after address until one gives the right bytes."""

import dataclasses
import os
from collections.abc import Iterator
from pathlib import Path

from openpose_py.errors import MissingModel, ModelFileError, UsageError, nearest
from openpose_py.stages.writers.whole_file import cannot_write
from openpose_py.store.check_file import ITS_WEIGHTS, NETWORK_TEXT, check_file
from openpose_py.store.fetch import Report, SourceFailed, Wish, fetch, remove_part
from openpose_py.weights.find import what_to_type
from openpose_py.zoo.cards import ModelCard, WeightFile

SECONDS_OF_SILENCE = 30.0


@dataclasses.dataclass(frozen=True)
class Pulled:
    """checked: one of the sentences of check_file."""

    path: Path
    source: str
    checked: str


def pull(
    card: ModelCard, file: WeightFile | None, folder: Path, report: Report,
    patience: float = SECONDS_OF_SILENCE,
) -> Pulled:  # fmt: skip
    """The model's file below `folder`, whole and checked, or an error that names every address.

    file: a row of the card; None: the first one that some address gives.
    """
    rows = [file] if file else [row for row in card.files if row.sources]
    failures: list[str] = []
    for row in rows:
        pulled = [_pull_one(part, folder, report, patience, failures) for part in _files_of(row)]
        if all(pulled) and pulled[-1]:
            return pulled[-1]
    raise _not_got(card, rows, failures)


def row_named(card: ModelCard, part_of_path: str) -> WeightFile | None:
    """The row whose path contains the words of `--file`; None where they are empty."""
    if not part_of_path:
        return None
    fitting = [row for row in card.files if part_of_path in row.path]
    if len(fitting) != 1:
        paths = [row.path for row in card.files]
        what = f"fits {len(fitting)} files of {card.name}, not one"
        hint = nearest(part_of_path, paths) or f"files: {', '.join(paths)}"
        raise UsageError(what, where=f"--file {part_of_path}", hint=hint)
    return fitting[0]


def _files_of(row: WeightFile) -> Iterator[WeightFile]:
    """The row, or first what belongs beside it: a run looks for the row's own file."""
    if row.path.endswith(NETWORK_TEXT):
        yield dataclasses.replace(
            row, path=_weights_beside(row.path), bytes=None, md5="", sha256="",
            sources=tuple(map(_weights_beside, row.sources)),
        )  # fmt: skip
    yield row


def _weights_beside(path: str) -> str:
    return path.removesuffix(NETWORK_TEXT) + ITS_WEIGHTS


def _pull_one(
    row: WeightFile, folder: Path, report: Report, patience: float, failures: list[str]
) -> Pulled | None:
    """None: no address gave it, and `failures` has a line for each."""
    target = folder / row.path
    part = target.with_name(f".part-{target.name}")
    wish = Wish(row.bytes, bool(row.sha256 or row.md5), patience)
    for source in row.sources:
        try:
            checked = _fetched(source, part, row, wish, report)
        except SourceFailed as problem:
            failures.append(f"{source} {problem}")
            continue
        except ModelFileError as problem:
            remove_part(part)
            failures.append(f"{source} {problem.what}")
            continue
        _put(part, target)
        return Pulled(target, source, checked)
    return None


def _fetched(source: str, part: Path, row: WeightFile, wish: Wish, report: Report) -> str:
    """How the file was checked. What an earlier try left may be wrong: then once more, anew."""
    went_on = part.exists()
    fetch(source, part, wish, report)
    try:
        return check_file(part, row, [row.network])
    except ModelFileError:
        if not went_on:
            raise
    remove_part(part)
    fetch(source, part, wish, report)
    return check_file(part, row, [row.network])


def _put(part: Path, target: Path) -> None:
    try:
        os.replace(part, target)
    except OSError as problem:
        raise cannot_write(target, problem) from problem
    remove_part(part)


def _not_got(card: ModelCard, rows: list[WeightFile], failures: list[str]) -> MissingModel:
    if not failures:
        return MissingModel(f"no address of {card.name} is known", hint=what_to_type(card))
    by_hand = (
        f"or get it with a browser and type: openpose-py models import FILE --name {card.name}"
    )
    return MissingModel(
        f"{card.name} could not be got from any of {len(failures)} addresses",
        hint="\n  ".join([*failures, by_hand]),
    )
