"""What a user names -- files, folders, patterns, a list, a manifest -- as a list of inputs."""

import contextlib
import csv
import dataclasses
import glob
import os
from collections.abc import Iterable, Iterator
from typing import Any

from openpose_py.batch.job import RowFlags
from openpose_py.checks import check_value
from openpose_py.errors import InputError, UsageError, nearest
from openpose_py.multi_view import inputs_named
from openpose_py.settings import Flag, flags
from openpose_py.stages.frames.picture_folder import EXTENSIONS, VIDEO_EXTENSIONS

LIST, MANIFEST = ".txt", ".csv"
PATH, ID = "path", "id"
TRUE, FALSE = ("1", "t", "true", "y", "yes"), ("0", "f", "false", "n", "no")
MAGIC = "*?["
NOT_A_COLUMN = ("image_dir", "video", "ip_camera", "camera")  # the column `path` says it


@dataclasses.dataclass(frozen=True, slots=True)
class Entry:
    """One input. id: given in a manifest, or empty."""

    path: str
    id: str = ""
    flags: RowFlags = ()


def entries(words: Iterable[str]) -> Iterator[Entry]:
    """The inputs that the words name, in their order; those of a folder in order of names."""
    for word in words:
        lower = word.lower()
        if os.path.isdir(word):
            found = list(_below(word))
            if not found:
                raise InputError("holds neither videos nor pictures", where=word)
            yield from map(Entry, found)
        elif os.path.isfile(word):
            if lower.endswith(MANIFEST):
                yield from _manifest(word)
            elif lower.endswith(LIST):
                yield from _list(word)
            else:
                yield Entry(_video(word))
        elif any(sign in word for sign in MAGIC):
            yield from _matching(word)
        elif len(inputs_named(word)) > 1:
            yield Entry(word)  # several views of one scene
        else:
            raise InputError("there is no such file or folder", where=word)


def _matching(pattern: str) -> Iterator[Entry]:
    found = sorted(glob.glob(pattern, recursive=True))
    if not found:
        raise InputError("matches nothing", where=pattern)
    yield from entries(found)


def _below(folder: str) -> Iterator[str]:
    """Every video below, and every folder with pictures; hidden names are left out."""
    videos, folders, pictures = [], [], False
    try:
        for entry in os.scandir(folder):
            if entry.name.startswith("."):
                continue
            ending = os.path.splitext(entry.name)[1].lower().lstrip(".")
            if entry.is_dir():
                folders.append(entry.path)
            elif ending in VIDEO_EXTENSIONS:
                videos.append(entry.path)
            else:
                pictures = pictures or ending in EXTENSIONS
    except OSError as problem:
        what = f"cannot be listed: {problem.strerror}"
        raise InputError(what, where=folder) from problem
    if pictures:
        yield folder
    yield from sorted(videos)
    for below in sorted(folders):
        yield from _below(below)


def _video(path: str) -> str:
    if os.path.splitext(path)[1].lower().lstrip(".") in EXTENSIONS:
        hint = f"pictures are read by the folder: {os.path.dirname(path) or '.'}"
        raise InputError("is a picture", where=path, hint=hint)
    return path


def _list(path: str) -> Iterator[Entry]:
    """One path a line, beside the list unless it is absolute; # begins a comment."""
    folder = os.path.dirname(path)
    with _opened(path) as lines:
        for line in lines:
            name = line.strip()
            if name and not name.startswith("#"):
                yield Entry(os.path.join(folder, name))


def _manifest(path: str) -> Iterator[Entry]:
    """One input a row: `path` beside the manifest unless it is absolute, `id`, any flag."""
    folder = os.path.dirname(path)
    shared: dict[RowFlags, RowFlags] = {}  # equal rows of flags are one object: there are millions
    with _opened(path) as lines:
        rows = csv.reader(lines)
        header = [name.strip() for name in next(rows, [])]
        columns = _columns(path, header)
        path_at = header.index(PATH)
        id_at = header.index(ID) if ID in header else None
        for row in rows:
            if not row:
                continue
            where = f"{path}:{rows.line_num}"
            if len(row) != len(header) or not row[path_at]:
                raise UsageError(f"wants {len(header)} cells, with a path", where=where)
            given = _flags_of(row, columns, where)
            id = "" if id_at is None else _id(row[id_at], where)
            yield Entry(os.path.join(folder, row[path_at]), id, shared.setdefault(given, given))


def _columns(path: str, header: list[str]) -> dict[int, Flag]:
    """Which columns are flags, by position."""
    known = {flag.name: flag for flag in flags() if flag.name not in NOT_A_COLUMN}
    if PATH not in header:
        raise UsageError("has no column named path", where=path)
    columns = {}
    for number, name in enumerate(header):
        plain = name.lstrip("-").replace("-", "_")
        if name in (PATH, ID):
            continue
        if plain not in known:
            hint = nearest(plain, known) or "columns are path, id, and flags of a run"
            raise UsageError(f"there is no flag {name!r}", where=path, hint=hint)
        columns[number] = known[plain]
    return columns


def _flags_of(row: list[str], columns: dict[int, Flag], where: str) -> RowFlags:
    """Empty cells change nothing."""
    given = {
        flag.field: _value(flag, row[number].strip(), where)
        for number, flag in columns.items()
        if row[number]
    }
    return tuple(sorted(given.items()))


def _value(flag: Flag, text: str, where: str) -> Any:
    value: Any = text
    try:
        if flag.type is bool:
            value = {**dict.fromkeys(TRUE, True), **dict.fromkeys(FALSE, False)}[text.lower()]
        elif flag.type is not str:
            value = flag.type(text)
        check_value(flag, value)
    except (KeyError, ValueError):
        raise UsageError(f"--{flag.name} cannot be {text!r}", where=where) from None
    except UsageError as problem:
        raise UsageError(problem.short(), where=where, hint=problem.hint) from problem
    return value


def _id(text: str, where: str) -> str:
    if "/" in text or "\\" in text or text.startswith("."):
        raise UsageError(f"an id is a plain file name, got {text!r}", where=where)
    return text


@contextlib.contextmanager
def _opened(path: str) -> Iterator[Iterable[str]]:
    """The lines of a text file."""
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            yield file
    except OSError as problem:
        raise InputError(f"cannot be read: {problem.strerror}", where=path) from problem
    except (UnicodeDecodeError, csv.Error) as problem:
        raise InputError("is not a table or list in UTF-8", where=path) from problem
