"""Tables as Parquet files: written and read a part at a time."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as arrow  # type: ignore[import-untyped,import-not-found,unused-ignore]
import pyarrow.parquet as parquet  # type: ignore[import-untyped,import-not-found,unused-ignore]

from openpose_py.errors import InputError
from openpose_py.tables.columns import Column, Table
from openpose_py.tables.text_files import check_columns

ROWS_A_GROUP = 250_000
ROWS_A_READ = 65_536


def write_parquet(path: Path, tables: Iterable[Table]) -> None:
    """Texts are dictionaries (categories in pandas); empty cells are null."""
    writer = None
    try:
        for group in _groups(tables):
            part = arrow.table({name: _array([one[name] for one in group]) for name in group[0]})
            if writer is None:
                texts = [name for name, column in group[0].items() if column.labels is not None]
                writer = parquet.ParquetWriter(path, part.schema, use_dictionary=texts)
            writer.write_table(part, row_group_size=max(len(part), 1))
    finally:
        if writer is not None:
            writer.close()


def _groups(tables: Iterable[Table]) -> Iterator[list[Table]]:
    waiting: list[Table] = []
    rows = 0
    for table in tables:
        waiting.append(table)
        rows += len(next(iter(table.values())).values)
        if rows >= ROWS_A_GROUP:
            yield waiting
            waiting, rows = [], 0
    if waiting:
        yield waiting


def _array(parts: list[Column]) -> arrow.Array:
    """One column of several tables."""
    missing = None
    if any(part.missing is not None for part in parts):
        missing = np.concatenate([_mask(part) for part in parts])
    if parts[0].labels is None:
        return arrow.array(np.concatenate([part.values for part in parts]), mask=missing)
    place: dict[str, int] = {}
    codes = [_placed(part, place) for part in parts]
    places = arrow.array(np.concatenate(codes), mask=missing)
    return arrow.DictionaryArray.from_arrays(places, arrow.array(list(place), arrow.string()))


def _mask(part: Column) -> np.ndarray:
    return np.zeros(len(part.values), bool) if part.missing is None else part.missing


def _placed(part: Column, place: dict[str, int]) -> np.ndarray:
    """int32: the part's values as places in the names of all parts."""
    moved = [place.setdefault(label, len(place)) for label in part.labels or ()]
    return np.array([*moved, 0], np.int32)[part.values]


def read_parquet(path: Path, names: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
    """These columns of each row, None for null."""
    try:
        file = parquet.ParquetFile(path)
    except (arrow.ArrowException, OSError) as problem:
        raise InputError("is not a Parquet file", where=str(path)) from problem
    with file:
        check_columns(path, file.schema_arrow.names, names)
        for part in file.iter_batches(ROWS_A_READ, columns=list(names)):
            yield from zip(*(part.column(name).to_pylist() for name in names), strict=True)
