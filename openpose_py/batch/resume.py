"""Which jobs are done already, from the records in their folders."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from openpose_py.batch.done_record import difference, read_record
from openpose_py.batch.job import Done, Job
from openpose_py.batch.kit import Kit
from openpose_py.batch.whole_folder import sweep
from openpose_py.errors import OpenPoseError

NEW = "new"


def looked_up(jobs: Iterable[Job], kit: Kit, clean: bool) -> Iterator[tuple[Job, Done | str]]:
    """Every job with what its record says, or with why it is to be done.

    clean: remove what workers that are not alive any more have left beside the targets.
    """
    names: dict[str, set[str]] = {}  # of each folder that targets lie in, asked once
    for job in jobs:
        folder, name = os.path.split(job.target)
        if folder not in names:
            names[folder] = _names_in(folder)
            if clean:
                sweep(Path(folder), names[folder])
        yield job, _found(job, kit) if name in names[folder] else NEW


def _names_in(folder: str) -> set[str]:
    try:
        return set(os.listdir(folder or "."))
    except OSError:
        return set()


def _found(job: Job, kit: Kit) -> Done | str:
    record = read_record(job.target)
    if record is None:
        return NEW
    try:
        return difference(record.work, kit.work(job)) or record.done
    except OpenPoseError as problem:  # the worker will meet it too, and say so
        return problem.what
