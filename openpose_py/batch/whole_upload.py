"""A folder in an object store that counts as done when its record is there, which comes last.

A store has no renaming. Before anything else is written a folder gets a mark, and loses it at the
end; so what a killed process has left is known as ours, and is replaced.
"""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from openpose_py.batch import remote
from openpose_py.batch.done_record import RECORD
from openpose_py.batch.whole_folder import scratch_folder
from openpose_py.errors import OutputError

MARK = ".begun"


@contextlib.contextmanager
def whole_upload(target: str) -> Iterator[Path]:
    """A folder of this machine that is uploaded at the end, unless there was an error."""
    check_replaceable(target)
    with scratch_folder() as scratch:
        folder = scratch / "results"
        folder.mkdir()
        yield folder
        _upload(folder, target)


def check_replaceable(target: str) -> None:
    names = remote.names_in(target)
    if names and not names & {RECORD, MARK}:
        raise OutputError("is there already, and not from a batch", where=target,
                          hint="move it away, or choose another --output")  # fmt: skip


def _upload(folder: Path, target: str) -> None:
    mark, record = f"{target}/{MARK}", f"{target}/{RECORD}"
    older = remote.names_in(target)
    remote.write(mark, b"")
    if older:
        remote.remove_below(target, but=mark, first=record)
    for parent, _, names in os.walk(folder):
        for name in sorted(names):
            path = Path(parent, name)
            if name != RECORD:
                remote.upload(path, f"{target}/{path.relative_to(folder).as_posix()}")
    remote.upload(folder / RECORD, record)
    remote.remove(mark)
