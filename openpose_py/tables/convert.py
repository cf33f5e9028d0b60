"""`openpose-py convert`: folders of OpenPose's JSON into tables and other programs' files, and
tables back into JSON."""

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from openpose_py.errors import (
    EXIT_DONE,
    EXIT_SOME_INPUTS_UNREADABLE,
    InputError,
    StageError,
    UsageError,
)
from openpose_py.tables import coco, opensim, text_files, to_json
from openpose_py.tables.angles import angle_rows
from openpose_py.tables.columns import Table
from openpose_py.tables.file_names import keypoint_files
from openpose_py.tables.growing import growing
from openpose_py.tables.parse import Batch, JsonReader
from openpose_py.tables.poses import nobody, poses_of
from openpose_py.tables.rows import Scale, rows_of

Write = Callable[[Path, Iterable[Table]], None]
Read = Callable[[Path, tuple[str, ...]], Iterator[tuple[Any, ...]]]
TABLES = ("csv", "parquet", "jsonl")


@dataclasses.dataclass(frozen=True)
class Wish:
    """What was typed. output: empty: named after the source, beside it. scale: metres a pixel, 0:
    not known. frames_a_second: 0: not known. model: empty: what the number of points says."""

    to: str
    output: str = ""
    scale: float = 0.0
    frames_a_second: float = 0.0
    angles: bool = False
    model: str = ""

    @property
    def of_rows(self) -> Scale:
        return Scale(self.frames_a_second, self.scale or 1.0)


def convert(source: Path, wish: Wish) -> int:
    """Prints the name of what it made, and returns the exit code."""
    _check(source, wish)
    if wish.to == "json":
        return _back(source, wish)
    reader = JsonReader()
    batches = _batches(reader, source)
    if wish.to in TABLES:
        path = Path(wish.output or f"{source.resolve()}.{wish.to}")
        tables = _angles(batches, wish) if wish.angles else _rows(batches, wish)
        write, _ = _functions(wish.to)
        with growing(path) as temporary:
            write(temporary, tables)
        print(path)
    else:
        folder = Path(wish.output or f"{source.resolve()}_{wish.to}")
        for path in _files(batches, folder, wish):
            print(path)
    return EXIT_SOME_INPUTS_UNREADABLE if reader.damaged else EXIT_DONE


def _check(source: Path, wish: Wish) -> None:
    if not source.exists():
        raise InputError("there is no such folder or file", where=str(source))
    if wish.to == "json":
        if source.suffix.removeprefix(".") not in TABLES or source.is_dir():
            endings = ", ".join(f".{ending}" for ending in TABLES)
            raise UsageError("is no table", where=str(source), hint=f"tables end in {endings}")
    elif not source.is_dir():
        raise UsageError(
            "is no folder of JSON files", where=str(source), hint="a table goes back --to json"
        )
    if wish.angles and wish.to not in TABLES:
        raise UsageError(f"goes with --to {', '.join(TABLES)}", where="--angles")
    if wish.to in ("trc", "mot") and not wish.frames_a_second:
        raise UsageError("needs --fps, the frames a second", where=f"--to {wish.to}")


def _batches(reader: JsonReader, source: Path) -> Iterator[Batch]:
    """All batches; raises if there is none."""
    batches = reader.batches(keypoint_files(source))
    first = next(batches, None)
    if first is None:
        raise InputError(f"none of {reader.damaged} files could be read", where=str(source))
    return chain([first], batches)


def _rows(batches: Iterable[Batch], wish: Wish) -> Iterator[Table]:
    return (rows_of(batch, wish.of_rows, wish.model) for batch in batches)


def _angles(batches: Iterable[Batch], wish: Wish) -> Iterator[Table]:
    for batch in batches:
        yield angle_rows(batch, poses_of(batch, wish.model) or nobody(), wish.of_rows)


def _functions(kind: str) -> tuple[Write, Read]:
    """What writes and reads tables of this kind."""
    if kind == "csv":
        return text_files.write_csv, text_files.read_csv
    if kind == "jsonl":
        return text_files.write_jsonl, text_files.read_jsonl
    try:
        from openpose_py.tables import parquet_file
    except ImportError as problem:
        raise StageError(
            "pyarrow is not installed", where="parquet", hint="pip install 'openpose-py[tables]'"
        ) from problem
    return parquet_file.write_parquet, parquet_file.read_parquet


def _files(batches: Iterable[Batch], folder: Path, wish: Wish) -> list[Path]:
    if wish.to == "coco":
        return coco.write_coco(batches, folder, wish.model)
    scale = Scale(wish.frames_a_second, wish.scale)
    write = opensim.write_trc if wish.to == "trc" else opensim.write_mot
    return write(batches, folder, scale, wish.model)


def _back(source: Path, wish: Wish) -> int:
    kind = source.suffix.removeprefix(".")
    _, read = _functions(kind)
    folder = Path(wish.output or f"{source.resolve().with_suffix('')}_json")
    to_json.write_json_files(read(source, to_json.COLUMNS), folder, str(source))
    print(folder)
    return EXIT_DONE
