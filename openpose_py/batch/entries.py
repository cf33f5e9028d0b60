"""What a user names -- files, folders, patterns, a list, a manifest -- as a list of inputs."""

import contextlib
import csv
import dataclasses
import glob
import io
import os
from collections.abc import Iterable, Iterator
from typing import Any

from openpose_py.batch import remote
from openpose_py.batch.addresses import below, file_name, is_remote, is_web
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
        if is_remote(word):
            yield from _far(word)
        elif os.path.isdir(word):
            yield from _folder(word)
        elif os.path.isfile(word):
            yield from _file(word)
        elif any(sign in word for sign in MAGIC):
            yield from _matching(word, sorted(glob.glob(word, recursive=True)))
        elif len(inputs_named(word)) > 1:
            yield Entry(word)  # several views of one scene
        else:
            raise InputError("there is no such file or folder", where=word)


def _far(word: str) -> Iterator[Entry]:
    """An address; in one of the web a ? begins a question."""
    if any(sign in word for sign in (MAGIC.replace("?", "") if is_web(word) else MAGIC)):
        yield from _matching(word, remote.matching(word))
    elif not _is_file_name(word) and remote.is_folder(word):
        yield from _folder(word)
    else:
        yield from _file(word)


def _folder(word: str) -> Iterator[Entry]:
    found = list(_below(word))
    if not found:
        raise InputError("holds neither videos nor pictures", where=word)
    yield from map(Entry, found)


def _file(word: str) -> Iterator[Entry]:
    ending = os.path.splitext(file_name(word))[1].lower()
    if ending == MANIFEST:
        yield from _manifest(word)
    elif ending == LIST:
        yield from _list(word)
    else:
        yield Entry(_video(word))


def _matching(pattern: str, found: list[str]) -> Iterator[Entry]:
    if not found:
        raise InputError("matches nothing", where=pattern)
    yield from entries(found)


def _below(folder: str) -> Iterator[str]:
    """Every video below, and every folder with pictures; hidden names are left out."""
    videos, folders, pictures = [], [], False
    for path, is_folder in remote.listed(folder) if is_remote(folder) else _listed(folder):
        name = file_name(path)
        ending = os.path.splitext(name)[1].lower().lstrip(".")
        if name.startswith("."):
            continue
        if is_folder:
            folders.append(path)
        elif ending in VIDEO_EXTENSIONS:
            videos.append(path)
        else:
            pictures = pictures or ending in EXTENSIONS
    if is_remote(folder):
        folder = folder.rstrip("/") + "/"
    if pictures:
        yield folder
    yield from sorted(videos)
    for inner in sorted(folders):
        yield from _below(inner)


def _listed(folder: str) -> Iterator[tuple[str, bool]]:
    """Path of everything in it, and whether that is a folder."""
    try:
        for entry in os.scandir(folder):
            yield entry.path, entry.is_dir()
    except OSError as problem:
        what = f"cannot be listed: {problem.strerror}"
        raise InputError(what, where=folder) from problem


def _is_file_name(address: str) -> bool:
    """Whether its ending says so; otherwise the store must be asked."""
    ending = os.path.splitext(file_name(address))[1].lower()
    known = ending in (LIST, MANIFEST) or ending.lstrip(".") in VIDEO_EXTENSIONS
    return known and not address.endswith("/")


def _video(path: str) -> str:
    if os.path.splitext(file_name(path))[1].lower().lstrip(".") in EXTENSIONS:
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
                yield Entry(below(folder, name))


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
            yield Entry(below(folder, row[path_at]), id, shared.setdefault(given, given))


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
        if is_remote(path):
            yield io.StringIO(remote.read(path).decode("utf-8-sig"), newline="")
            return
        with open(path, encoding="utf-8-sig", newline="") as file:
            yield file
    except OSError as problem:
        raise InputError(f"cannot be read: {problem.strerror}", where=path) from problem
    except (UnicodeDecodeError, csv.Error) as problem:
        raise InputError("is not a table or list in UTF-8", where=path) from problem
