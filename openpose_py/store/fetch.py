"""Gets one file from one address over HTTP, into a part file that a later try goes on with."""

import contextlib
import dataclasses
import functools
import http.client
import json
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from http.client import HTTPResponse
from pathlib import Path
from typing import BinaryIO

from openpose_py.stages.writers.whole_file import cannot_write
from openpose_py.weights.files import MAX_BYTES

SCHEMES = ("http", "https")
CHUNK = 1 << 18  # bytes
FRUITLESS_TRIES = 3  # in a row, each less than a chunk further
PAGE, NO_FILE = "text/html", "answers with a web page, not with the file"
HTML_STARTS = (b"<!doctype", b"<html", b"<head", b"<body")
DRIVE = re.compile(r"https://drive\.google\.com/(?:open\?id=|file/d/|uc\?id=)([\w-]+)")
DRIVE_FILE = "https://drive.usercontent.google.com/download?id={}&export=download&confirm=t"
CONTENT_RANGE = re.compile(r"bytes (\d+)-\d*/(\d+|\*)")
RANGE_NOT_THERE = 416
PARTIAL = 206
# what a connection may end in; files are opened and written elsewhere
BROKEN = (OSError, http.client.HTTPException, ValueError)

Report = Callable[[int, int | None], None]  # bytes so far, bytes in all


class SourceFailed(Exception):
    """This address does not give the file: try another one."""


@dataclasses.dataclass(frozen=True)
class Wish:
    """bytes: None where nobody knows. known: a digest decides, so that any address may go on where
    another one broke off. patience: seconds of silence until a server is given up."""

    bytes: int | None
    known: bool
    patience: float


def fetch(source: str, part: Path, wish: Wish, report: Report) -> None:
    """Fills `part` with all bytes of the file, or raises SourceFailed; what came stays."""
    if urllib.parse.urlsplit(source).scheme not in SCHEMES:
        raise SourceFailed("is no address that starts with http")
    if wish.known and _size(part) == wish.bytes:
        return
    fruitless, furthest = 0, _size(part)
    while not _one_try(source, part, wish, report):
        further = _size(part) - furthest
        fruitless = 0 if further >= CHUNK else fruitless + 1
        furthest += max(0, further)
        if fruitless >= FRUITLESS_TRIES:
            raise SourceFailed(f"broke off {FRUITLESS_TRIES} times, at {_size(part):,} bytes")


def address_of(source: str) -> str:
    """The address of the bytes; Google Drive shows a page first."""
    shared = DRIVE.match(source)
    return DRIVE_FILE.format(shared[1]) if shared else source


def remove_part(part: Path) -> None:
    for path in (part, _note_of(part)):
        path.unlink(missing_ok=True)


def _one_try(source: str, part: Path, wish: Wish, report: Report) -> bool:
    """Whether the file is whole now; False: the connection broke, or it must start anew."""
    have, headers = _to_go_on(source, part, wish)
    request = urllib.request.Request(address_of(source), headers=headers)
    try:
        with _opener().open(request, timeout=wish.patience) as answer:
            if answer.headers.get_content_type() == PAGE:
                raise SourceFailed(NO_FILE)
            start, total = _span(answer, have)
            _check_size(total, wish)
            if start not in (0, have):
                remove_part(part)
                return False
            _write_note(part, source, answer)
            total = total if total is not None else wish.bytes
            return _copy(answer, part, start, total, report)
    except urllib.error.HTTPError as problem:
        problem.close()
        if problem.code == RANGE_NOT_THERE and have:
            remove_part(part)
            return False
        raise SourceFailed(f"answers {problem.code} {problem.reason}") from problem
    except urllib.error.URLError as problem:
        raise SourceFailed(f"cannot be reached: {problem.reason}") from problem
    except BROKEN:
        return False


@functools.cache
def _opener() -> urllib.request.OpenerDirector:
    """HTTP with redirects and the system's proxies; no other kind of address."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler, urllib.request.HTTPHandler, urllib.request.HTTPSHandler,
        urllib.request.HTTPDefaultErrorHandler, urllib.request.HTTPRedirectHandler,
        urllib.request.HTTPErrorProcessor, urllib.request.UnknownHandler,
    ):  # fmt: skip
        opener.add_handler(handler())
    return opener


def _to_go_on(source: str, part: Path, wish: Wish) -> tuple[int, dict[str, str]]:
    """How many bytes are kept, and the headers that ask for the rest."""
    headers = {"User-Agent": "openpose-py", "Accept-Encoding": "identity"}
    note = _read_note(part)
    have = _size(part)
    same = note.get("source") == source and note.get("validator", "")
    too_long = wish.bytes is not None and have > wish.bytes
    if not have or too_long or not (wish.known or same):
        return 0, headers
    headers["Range"] = f"bytes={have}-"
    if same:
        headers["If-Range"] = same
    return have, headers


def _span(answer: HTTPResponse, have: int) -> tuple[int, int | None]:
    """First byte of the answer, and bytes of the whole file where told."""
    if answer.status == PARTIAL and have:
        told = CONTENT_RANGE.match(answer.headers.get("Content-Range", ""))
        if not told:
            raise SourceFailed("sends a part without saying which")
        return int(told[1]), None if told[2] == "*" else int(told[2])
    length = answer.headers.get("Content-Length", "")
    return 0, int(length) if length.isdecimal() else None


def _check_size(total: int | None, wish: Wish) -> None:
    if total is None:
        return
    if wish.bytes is not None and total != wish.bytes:
        raise SourceFailed(f"has a file of {total:,} bytes, wanted {wish.bytes:,}")
    if total > MAX_BYTES:
        raise SourceFailed(f"has a file of {total:,} bytes, which no weight file is")


def _copy(answer: HTTPResponse, part: Path, start: int, total: int | None, report: Report) -> bool:
    """Appends the answer behind the first `start` bytes of the part file."""
    limit = total if total is not None else MAX_BYTES
    with _open(part, start) as file:
        done = start
        while data := answer.read(min(CHUNK, limit + 1 - done)):
            if done == 0 and data[:64].lstrip().lower().startswith(HTML_STARTS):
                raise SourceFailed(NO_FILE)
            if done + len(data) > limit:
                remove_part(part)
                raise SourceFailed(f"sends more than {limit:,} bytes")
            _write(file, data, part)
            done += len(data)
            report(done, total)
    return done == total if total is not None else True


def _open(part: Path, start: int) -> BinaryIO:
    try:
        part.parent.mkdir(parents=True, exist_ok=True)
        file = part.open("r+b" if start else "wb")
        file.seek(start)
        file.truncate()
        return file
    except OSError as problem:
        raise cannot_write(part, problem) from problem


def _write(file: BinaryIO, data: bytes, part: Path) -> None:
    try:
        file.write(data)
    except OSError as problem:
        raise cannot_write(part, problem) from problem


def _note_of(part: Path) -> Path:
    return part.with_name(f"{part.name}.json")


def _write_note(part: Path, source: str, answer: HTTPResponse) -> None:
    """Remembers whose bytes these are; only then may they be gone on with."""
    validator = answer.headers.get("ETag", "") or answer.headers.get("Last-Modified", "")
    weak = validator.startswith("W/")
    note = {"source": source, "validator": "" if weak else validator}
    try:
        part.parent.mkdir(parents=True, exist_ok=True)
        _note_of(part).write_text(json.dumps(note), encoding="utf-8")
    except OSError as problem:
        raise cannot_write(part, problem) from problem


def _read_note(part: Path) -> dict[str, str]:
    with contextlib.suppress(OSError, ValueError):
        note = json.loads(_note_of(part).read_text(encoding="utf-8"))
        if isinstance(note, dict):
            return {key: str(value) for key, value in note.items()}
    return {}


def _size(part: Path) -> int:
    with contextlib.suppress(OSError):
        return part.stat().st_size
    return 0
