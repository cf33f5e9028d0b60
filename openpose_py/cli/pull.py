"""`openpose-py models pull`: licences, then downloads with a bar on a terminal."""

import dataclasses
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from openpose_py.cli.models import read_from, written_to
from openpose_py.errors import EXIT_DONE, MissingModel, ModelFileError, UsageError
from openpose_py.store.catalogue import entry_named
from openpose_py.store.fetch import Report
from openpose_py.store.notes import licence_agreed, remember_licence
from openpose_py.store.pull import pull, row_named
from openpose_py.store.verify import verify
from openpose_py.weights.find import what_to_type
from openpose_py.zoo.cards import ModelCard, WeightFile


@dataclasses.dataclass(frozen=True)
class PullOptions:
    """The flags of `openpose-py models pull`."""

    file: str
    yes: bool
    offline: bool
    timeout: float
    model_folder: str
    quiet: bool


def pull_models(names: list[str], options: PullOptions) -> int:
    """Prints a path a model; those that are here and right are left alone."""
    cards = [entry_named(name).card for name in names]
    if options.file and len(cards) > 1:
        raise UsageError("goes with one model only", where=f"--file {options.file}")
    rows = [row_named(card, options.file) for card in cards]
    wanted = [
        (card, row)
        for card, row in zip(cards, rows, strict=True)
        if not _is_here(card, row, options)
    ]
    if wanted and options.offline:
        names_ = ", ".join(card.name for card, _ in wanted)
        raise MissingModel(f"not here: {names_}", where="--offline", hint="nothing was downloaded")
    for card, _ in wanted:
        _agree(card, options)
    for card, row in wanted:
        with _progress(card.name, options.quiet) as report:
            folder = written_to(options.model_folder)
            pulled = pull(card, row, folder, report, options.timeout)
        print(pulled.path)
        if not options.quiet:
            print(f"{card.name}: {pulled.checked}, from {pulled.source}", file=sys.stderr)
    return EXIT_DONE


def _is_here(card: ModelCard, row: WeightFile | None, options: PullOptions) -> bool:
    """A damaged file is got again if the new one takes its place."""
    if row:
        folders = {read_from(options.model_folder), written_to(options.model_folder)}
        if not any((folder / row.path).is_file() for folder in folders):
            return False
    found = verify(card, read_from(options.model_folder))
    if not found:
        return False
    if not found.right:
        if written_to(options.model_folder) not in found.path.parents:
            hint = "a run reads this file first: delete it, then pull again"
            raise ModelFileError(found.text, where=str(found.path), hint=hint)
        print(f"{found.path}: {found.text}: getting it again", file=sys.stderr)
        return False
    print(found.path)
    if not options.quiet:
        print(f"{card.name}: is here, {found.text}", file=sys.stderr)
    return True


def _agree(card: ModelCard, options: PullOptions) -> None:
    """Shows a licence once; the answer is remembered for all models under it."""
    if not any(file.sources for file in card.files):
        raise MissingModel(f"no address of {card.name} is known", hint=what_to_type(card))
    if licence_agreed(card.licence):
        return
    print(f"licence of {card.name}: {card.licence}", file=sys.stderr)
    if not options.yes:
        if not sys.stdin.isatty():
            hint = f"type: openpose-py models pull {card.name} --yes"
            raise UsageError("the licence must be agreed to first", where=card.name, hint=hint)
        print("agree? [y/N] ", end="", file=sys.stderr, flush=True)
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            raise ModelFileError("not downloaded: the licence was not agreed to", where=card.name)
    remember_licence(card.licence)


@contextmanager
def _progress(name: str, quiet: bool) -> Iterator[Report]:
    if quiet or not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import DownloadColumn, Progress, TransferSpeedColumn

    bar = Progress(*Progress.get_default_columns(), DownloadColumn(), TransferSpeedColumn(),
                   console=Console(stderr=True))  # fmt: skip
    with bar:
        task = bar.add_task(name, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
