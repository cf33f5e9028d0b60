"""Inputs of an object store or a web server: on this machine as long as they are needed."""

import contextlib
from collections.abc import Iterator

from openpose_py.batch import remote
from openpose_py.batch.whole_folder import scratch_folder
from openpose_py.errors import OpenPoseError


@contextlib.contextmanager
def fetched(address: str) -> Iterator[str]:
    """Path of a copy with the same name. Errors that name the copy name the address instead."""
    with scratch_folder() as folder:
        path = remote.fetch(address, folder)
        try:
            yield path
        except OpenPoseError as problem:
            problem.what = problem.what.replace(path, address)
            problem.where = problem.where.replace(path, address)
            raise
