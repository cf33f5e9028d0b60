"""`openpose-py models list|show|path|verify`: data on stdout, remarks on stderr."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from openpose_py.errors import EXIT_DONE, EXIT_FAILED
from openpose_py.settings import Settings
from openpose_py.store.catalogue import catalogue, entry_named
from openpose_py.store.listing import Listed, as_table, listing, short_licence
from openpose_py.weights.find import cache_folder, find_weights, weights_there
from openpose_py.zoo.cards import Figure, ModelCard, WeightFile

HEADER = ("model", "here", "skeleton", "family", "figure", "licence")
DEFAULT_FOLDER = Settings().model_folder


def show_list(family: str, skeleton: str, present: bool | None, as_json: bool, folder: str) -> int:
    rows = listing(read_from(folder), family, skeleton, present)
    if as_json:
        print(json.dumps([as_table(row) for row in rows], indent=1))
        return EXIT_DONE
    cells = [HEADER, *map(_cells, rows)]
    widths = [max(len(row[n]) for row in cells) for n in range(len(HEADER) - 1)]
    for row in cells:
        columns = (text.ljust(width) for text, width in zip(row, widths, strict=False))
        print("  ".join((*columns, row[-1])))
    here = sum(row.path is not None for row in rows)
    print(f"{len(rows)} models, {here} here; get one: openpose-py models pull NAME",
          file=sys.stderr)  # fmt: skip
    return EXIT_DONE


def show_one(name: str, as_json: bool, folder: str) -> int:
    entry = entry_named(name)
    listed = Listed(entry, weights_there(entry.card, read_from(folder)))
    if as_json:
        print(json.dumps(as_table(listed), indent=1))
    else:
        print("\n".join(_lines(listed)))
    return EXIT_DONE


def show_path(name: str, folder: str) -> int:
    print(find_weights(entry_named(name).card, read_from(folder)))
    return EXIT_DONE


def show_verified(names: list[str], folder: str) -> int:
    """Exit 3 where a file is wrong; a named model without a file is an error of its own."""
    # check_file reads networks where no digest is known, which takes a second
    from openpose_py.store.verify import verify

    wrong = False
    for card in [entry_named(name).card for name in names or catalogue()]:
        if names:
            find_weights(card, read_from(folder))
        found = verify(card, read_from(folder))
        if found:
            wrong = wrong or not found.right
            print(f"{card.name}  {found.path}  {'' if found.right else 'WRONG: '}{found.text}")
    return EXIT_FAILED if wrong else EXIT_DONE


def read_from(folder: str) -> Path:
    """Where files are looked for first; a run's default where none is named."""
    return Path(folder or DEFAULT_FOLDER)


def written_to(folder: str) -> Path:
    """Where files are put: a named folder, else the user's cache."""
    return Path(folder) if folder else cache_folder()


def _cells(row: Listed) -> tuple[str, ...]:
    card = row.card
    figure = _short(card.figures[0]) if card.figures else ""
    here = "yes" if row.path else "-"
    return card.name, here, card.skeleton or "-", row.entry.family, figure, short_licence(card)


def _short(figure: Figure) -> str:
    return f"{figure.name} {figure.value:g}"


def _lines(listed: Listed) -> Iterator[str]:
    card = listed.card
    yield f"{card.name}: {card.summary}"
    yield f"  family    {listed.entry.family}"
    yield f"  skeleton  {card.skeleton or '-'}"
    yield f"  licence   {card.licence}"
    yield f"  here      {listed.path or _how_to_get(card)}"
    for figure in card.figures:
        yield f"  figure    {_short(figure)} ({figure.conditions})"
    for file in card.files:
        yield from _file_lines(file)


def _how_to_get(card: ModelCard) -> str:
    from openpose_py.weights.find import what_to_type

    return f"no; {what_to_type(card)}"


def _file_lines(file: WeightFile) -> Iterator[str]:
    size = f", {file.bytes:,} bytes" if file.bytes else ""
    yield f"  file      {file.path} ({file.network}{size})"
    for kind in ("sha256", "md5"):
        if getattr(file, kind):
            yield f"            {kind} {getattr(file, kind)}"
    for source in file.sources:
        yield f"            {source}"
