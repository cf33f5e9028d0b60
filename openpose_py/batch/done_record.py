"""The record in a finished folder: which input, done how, with what result.

A folder with a record is whole: the record is written last, and the folder appears under its name
afterwards.
"""

import dataclasses
import json
import os
import stat
from pathlib import Path
from typing import Any

from openpose_py.batch import remote
from openpose_py.batch.addresses import is_remote
from openpose_py.batch.job import Done
from openpose_py.errors import InputError
from openpose_py.multi_view import inputs_named

RECORD = ".done.json"


@dataclasses.dataclass(frozen=True, slots=True)
class Work:
    """What was to be done. size: bytes, mtime: nanoseconds, of a folder the sum and the newest of
    its files; in an object store a number that changes with the content.

    flags: those that change the outputs and are not the default. model: SHA-256 of the weights,
    empty without a network.
    """

    input: str
    size: int
    mtime: int
    flags: dict[str, Any]
    model: str


@dataclasses.dataclass(frozen=True, slots=True)
class Record:
    work: Work
    done: Done
    version: str


def write_record(folder: Path, record: Record) -> None:
    work, done = record.work, record.done
    data = {
        "input": work.input, "size": work.size, "mtime": work.mtime, "flags": work.flags,
        "model": work.model, "version": record.version, "frames": done.frames,
        "people": done.people, "seconds": done.seconds, "notes": done.notes,
    }  # fmt: skip
    with open(os.path.join(folder, RECORD), "w", encoding="utf-8") as file:
        file.write(json.dumps(data) + "\n")


def read_record(folder: str) -> Record | None:
    """None: the folder is not there, or was not made by a batch."""
    if is_remote(folder):
        found = remote.read_all([f"{folder}/{RECORD}"])
        return record_in(*found.values()) if found else None
    try:
        with open(os.path.join(folder, RECORD), "rb") as file:
            return record_in(file.read())
    except OSError:
        return None


def record_in(text: bytes) -> Record | None:
    """None: it is not whole."""
    try:
        data = json.loads(text)
        work = Work(data["input"], data["size"], data["mtime"], data["flags"], data["model"])
        notes = tuple(data["notes"])
        done = Done(data["frames"], data["people"], data["seconds"], notes)
        return Record(work, done, data["version"])
    except (ValueError, KeyError, TypeError):
        return None


def difference(old: Work, new: Work) -> str:
    """Why `old` does not stand for `new`; empty: it does. A moved input is the same."""
    if (old.size, old.mtime) != (new.size, new.mtime):
        return "input changed" if old.input == new.input else "another input"
    if old.input != new.input and os.path.basename(old.input) != os.path.basename(new.input):
        return "another input"
    if old.model != new.model:
        return "model changed"
    return "" if old.flags == new.flags else "flags changed"


def stamp(path: str) -> tuple[int, int]:
    """Size and mtime of an input, see `Work`."""
    if is_remote(path):
        return remote.stamp(path)
    try:
        found = os.stat(path)
        if not stat.S_ISDIR(found.st_mode):
            return found.st_size, found.st_mtime_ns
        names = [path]
    except OSError as problem:
        names = inputs_named(path)  # several views, with commas between
        if names == [path]:
            raise _unreadable(path, problem) from problem
    try:
        files = [entry for name in names for entry in _files(name)]
    except OSError as problem:
        raise _unreadable(path, problem) from problem
    return sum(one.st_size for one in files), max((one.st_mtime_ns for one in files), default=0)


def _files(path: str) -> list[os.stat_result]:
    if os.path.isdir(path):
        return [entry.stat() for entry in os.scandir(path) if entry.is_file()]
    return [os.stat(path)]


def _unreadable(path: str, problem: OSError) -> InputError:
    reason = (problem.strerror or str(problem)).lower()
    return InputError(f"cannot be read: {reason}", where=path)
