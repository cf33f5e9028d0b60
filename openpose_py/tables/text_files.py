"""Tables as text, CSV or a JSON object a line: written a part at a time, read a row at a time."""

import csv
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np

from openpose_py.errors import InputError
from openpose_py.stages.writers.json_people import number_text
from openpose_py.tables.columns import Column, Table

NOT_FINITE = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}  # as Python's json has them


def write_csv(path: Path, tables: Iterable[Table]) -> None:
    """Empty cells are empty; numbers stand as in OpenPose's JSON."""
    with path.open("w", encoding="utf-8", newline="") as file:
        for number, table in enumerate(tables):
            if number == 0:
                file.write(",".join(table) + "\n")
            _write_csv_rows(file, table)


def _write_csv_rows(file: IO[str], table: Table) -> None:
    cells = []
    for column in table.values():
        labels = [_quoted(label) for label in column.labels or ()]
        cells.append(_without(column, _texts(column, labels), ""))
    file.writelines(f"{line}\n" for line in map(",".join, zip(*cells, strict=True)))


def _quoted(text: str) -> str:
    special = any(sign in text for sign in ',"\r\n')
    return '"' + text.replace('"', '""') + '"' if special else text


def write_jsonl(path: Path, tables: Iterable[Table]) -> None:
    """Empty cells are null; what is no number is NaN or Infinity, as Python writes it."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for table in tables:
            cells = []
            for column in table.values():
                labels = [json.dumps(label, ensure_ascii=False) for label in column.labels or ()]
                texts = [NOT_FINITE.get(text, text) for text in _texts(column, labels)]
                cells.append(_without(column, texts, "null"))
            pattern = "{" + ",".join(f'"{name}":%s' for name in table) + "}\n"
            file.writelines(pattern % row for row in zip(*cells, strict=True))


def _texts(column: Column, labels: list[str]) -> list[str]:
    values = column.values
    if not len(values):
        return []
    if column.labels is not None:
        return [labels[place] if labels else "" for place in values.tolist()]
    if values.dtype == np.float32:
        return number_text(values).split(",")
    return [str(value) for value in values.tolist()]


def _without(column: Column, texts: list[str], nothing: str) -> list[str]:
    if column.missing is None:
        return texts
    pairs = zip(texts, column.missing.tolist(), strict=True)
    return [nothing if missing else text for text, missing in pairs]


def read_csv(path: Path, names: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
    """These columns of each row: texts, None for an empty cell."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file)
        places = _places(path, next(rows, []), names)
        for row in rows:
            try:
                yield tuple(row[place] or None for place in places)
            except IndexError as problem:
                what = f"line {rows.line_num} has too few cells"
                raise InputError(what, where=str(path)) from problem


def read_jsonl(path: Path, names: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
    """These columns of each row: texts and floats, None for null."""
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            try:
                row = json.loads(line, parse_int=float)
                yield tuple(row[name] for name in names)
            except (ValueError, KeyError, TypeError) as problem:
                what = f"line {number} is no row of keypoints"
                raise InputError(what, where=str(path)) from problem


def _places(path: Path, header: list[str], names: tuple[str, ...]) -> list[int]:
    check_columns(path, header, names)
    return [header.index(name) for name in names]


def check_columns(path: Path, header: list[str], names: tuple[str, ...]) -> None:
    lacking = [name for name in names if name not in header]
    if lacking:
        raise InputError(f"has no column {lacking[0]!r}", where=str(path))
