"""A folder that appears under its name complete, or not at all."""

import contextlib
import ctypes
import getpass
import hashlib
import os
import re
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from openpose_py.batch.done_record import RECORD, read_record
from openpose_py.errors import OutputError
from openpose_py.stages.writers.whole_file import cannot_write

fcntl: ModuleType | None
try:
    import fcntl
except ImportError:  # not on Windows; there nothing is swept
    fcntl = None

PART = re.compile(r"\.[0-9a-f]{12}-\d+(\.old)?\.part")  # an unfinished folder
LOCK = RECORD  # in it; held by its worker as long as that lives, empty until the end
BETWEEN = 0.02  # seconds between two looks at a lock


@contextlib.contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """A new folder on the same file system, renamed to `target` at the end, removed on an error.

    A target that a batch made before is replaced; any other is left alone and is an error.
    """
    part = part_of(target, os.getpid())
    try:
        check_replaceable(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        lock = _made_and_locked(part)
    except OSError as problem:
        raise cannot_write(target, problem) from problem
    try:
        yield part
        try:
            _to_disk(part)
            _rename(part, target)
        except OSError as problem:
            raise cannot_write(target, problem) from problem
    finally:
        os.close(lock)
        shutil.rmtree(part, ignore_errors=True)


def part_of(target: Path, process: int) -> Path:
    """The unfinished folder of a target. Its name is short, however long that of the target is."""
    return target.parent / f".{short_name(target)}-{process}.part"


def short_name(target: Path) -> str:
    return hashlib.blake2b(os.fsencode(target.name), digest_size=6).hexdigest()


def check_replaceable(target: Path) -> None:
    """Before the work, not after it: a name that cannot be is met here, too."""
    with contextlib.suppress(FileNotFoundError):
        os.lstat(target)
        _check_ours(target)


def _check_ours(target: Path) -> None:
    if read_record(str(target)) is None:
        raise OutputError("is there already, and not from a batch", where=str(target),
                          hint="move it away, or choose another --output")  # fmt: skip


def sweep(folder: Path, names: set[str], patience: float = 0.0) -> bool:
    """Removes unfinished folders whose worker is not alive any more, of those names; returns
    whether there were any.

    patience: seconds to wait for workers that are about to end, since their batch was killed: what
    they finish at the last moment is not to be done again.
    """
    unfinished = list(filter(PART.fullmatch, names))
    deadline = time.monotonic() + patience
    for name in unfinished:
        lock = _opened(folder / name)
        if lock is None:
            continue
        while (ours := _hold(lock)) is False and time.monotonic() < deadline:
            time.sleep(BETWEEN)
        if ours:
            shutil.rmtree(folder / name, ignore_errors=True)
        os.close(lock)
    return bool(unfinished)


@contextlib.contextmanager
def scratch_folder() -> Iterator[Path]:
    """A folder of this process on the system's disk for such things; what processes that were
    killed have left there is removed."""
    place = Path(tempfile.gettempdir(), f"openpose-py-{getpass.getuser()}")
    part = part_of(place / secrets.token_hex(8), os.getpid())
    try:
        place.mkdir(mode=0o700, exist_ok=True)
        sweep(place, set(os.listdir(place)))
        lock = _made_and_locked(part)
    except OSError as problem:
        raise cannot_write(place, problem) from problem
    try:
        yield part
    finally:
        os.close(lock)
        shutil.rmtree(part, ignore_errors=True)


def _made_and_locked(part: Path) -> int:
    """File descriptor of the lock."""
    while True:
        if part.exists():  # of a process that is not alive any more, or of another machine's
            sweep(part.parent, {part.name})
        part.mkdir()
        lock = _opened(part)
        if lock is None:
            continue
        held = _hold(lock)
        if held is not False and (part / LOCK).exists():  # else swept between the lines
            return lock
        os.close(lock)


def _opened(part: Path) -> int | None:
    """The lock's file descriptor; None: the folder is gone."""
    try:
        return os.open(part / LOCK, os.O_RDWR | os.O_CREAT, 0o666)
    except (FileNotFoundError, NotADirectoryError):
        return None


def _hold(lock: int) -> bool | None:
    """Whether it is ours now; None: this file system or system has no locks."""
    if fcntl is None:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


def _to_disk(folder: Path) -> None:
    """Everything in it, before its name says that it is whole.

    Thousands of small files: the whole file system at once takes a hundredth of the time of a file
    after the other, where there is a call for it.
    """
    if sys.platform == "linux":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            if ctypes.CDLL(None, use_errno=True).syncfs(descriptor):
                raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        finally:
            os.close(descriptor)
        return
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb+") as file:
                os.fsync(file.fileno())


def _rename(part: Path, target: Path) -> None:
    if target.exists():
        check_replaceable(target)
        old = part.with_suffix(".old.part")
        shutil.rmtree(old, ignore_errors=True)
        os.rename(target, old)
        os.rename(part, target)
        shutil.rmtree(old, ignore_errors=True)
    else:
        os.rename(part, target)
    with contextlib.suppress(OSError):  # not every file system lets folders be synced
        descriptor = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
