"""Stage 5 of 5: results -> files. Every file appears whole under its name, or not at all."""

import contextlib
import errno
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from openpose_py.errors import OutputError

HINTS = {
    errno.ENOSPC: "the disk is full: free some space there, or write to another folder",
    errno.EDQUOT: "your quota is used up: free some space there, or write to another folder",
    errno.EACCES: "choose a folder that you may write to",
    errno.EPERM: "choose a folder that you may write to",
    errno.EROFS: "choose a folder that you may write to",
    errno.ENOENT: "the folder is not there any more",
    errno.EEXIST: "a file has the name of the folder: choose another one",
    errno.ENOTDIR: "a file has the name of the folder: choose another one",
    errno.ENAMETOOLONG: "choose a shorter name",
}


def write_whole(path: Path, data: bytes) -> None:
    """Writes beside `path`, then renames; an existing file is replaced, or kept if that fails."""
    with growing(path) as temporary:
        temporary.write_bytes(data)


@contextlib.contextmanager
def growing(path: Path) -> Iterator[Path]:
    """The name to write to, bit by bit; at the end it becomes `path`, unless something went
    wrong."""
    temporary = temporary_beside(path)
    try:
        yield temporary
        os.replace(temporary, path)
    except OSError as problem:
        raise cannot_write(path, problem) from problem
    finally:
        remove_quietly(temporary)


def output_folder(path: str) -> Path:
    """The folder of that name, made with its parents if need be; a file can be made in it."""
    folder = Path(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        trial = temporary_beside(folder / "trial")
        trial.touch()
        trial.unlink()
    except OSError as problem:
        raise cannot_write(folder, problem) from problem
    return folder


def temporary_beside(path: Path) -> Path:
    """A hidden name that nobody else has, in the folder of `path`: renaming stays on one disk."""
    return path.parent / f".{secrets.token_hex(8)}.part"


def remove_quietly(path: Path) -> None:
    """For files that are given up: whatever goes wrong here, the error before it is the one."""
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)


def cannot_write(path: Path, problem: OSError) -> OutputError:
    reason = problem.strerror or str(problem)
    hint = HINTS.get(problem.errno or 0, "")
    return OutputError(f"cannot be written: {reason}", where=str(path), hint=hint)
