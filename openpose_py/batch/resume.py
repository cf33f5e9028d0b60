"""Which jobs are done already, from the records in their folders."""

import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from openpose_py.batch import remote
from openpose_py.batch.addresses import is_remote
from openpose_py.batch.done_record import RECORD, Record, difference, read_record, record_in
from openpose_py.batch.job import Done, Job
from openpose_py.batch.kit import Kit
from openpose_py.batch.spans import SPANS, spans_folder
from openpose_py.batch.whole_folder import sweep
from openpose_py.errors import OpenPoseError

NEW = "new"
PATIENCE = 3.0  # seconds for the workers of a batch that was killed


def looked_up(jobs: Iterable[Job], kit: Kit, clean: bool) -> Iterator[tuple[Job, Done | str]]:
    """Every job with what its record says, or with why it is to be done.

    clean: remove what workers that are not alive any more have left beside the targets.
    """
    folders: dict[str, _Folder] = {}  # that targets lie in, each looked at once
    for job in jobs:
        folder, name = os.path.split(job.target)
        if folder not in folders:
            folders[folder] = _far_folder(folder) if is_remote(folder) else _folder(folder, clean)
        here = folders[folder]
        found = _found(job, kit, here.record(job.target)) if name in here.names else NEW
        if clean and here.has_spans and isinstance(found, Done):  # killed before it did this
            shutil.rmtree(spans_folder(job), ignore_errors=True)
        yield job, found


class _Folder:
    """names: of all that is in it. records: their texts, where it was asked for all at once."""

    def __init__(self, names: set[str], records: dict[str, bytes] | None = None) -> None:
        self.names, self._records = names, records
        self.has_spans = any(name.endswith(SPANS) for name in names)

    def record(self, target: str) -> Record | None:
        if self._records is None:
            return read_record(target)
        return record_in(self._records.get(f"{target}/{RECORD}", b""))


def _folder(folder: str, clean: bool) -> _Folder:
    names = _names_in(folder)
    if clean and sweep(Path(folder), names, PATIENCE):
        names = _names_in(folder)
    return _Folder(names)


def _far_folder(folder: str) -> _Folder:
    names = remote.names_in(folder)
    return _Folder(names, remote.read_all([f"{folder}/{name}/{RECORD}" for name in sorted(names)]))


def _names_in(folder: str) -> set[str]:
    try:
        return set(os.listdir(folder or "."))
    except OSError:
        return set()


def _found(job: Job, kit: Kit, record: Record | None) -> Done | str:
    if record is None:
        return NEW
    try:
        return difference(record.work, kit.work(job)) or record.done
    except OpenPoseError as problem:  # the worker will meet it too, and say so
        return problem.what
