"""The file in which a running batch says how far it is, for `openpose-py batch status`."""

import contextlib
import dataclasses
import json
import os
import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path

from openpose_py.batch import remote
from openpose_py.batch.addresses import below, is_remote
from openpose_py.batch.course import DAMAGED, DONE, FAILED, WAITING, Course, name_of
from openpose_py.errors import InputError, OutputError
from openpose_py.stages.writers.whole_file import write_whole

FOLDER = ".batch"  # below --output
NAME = re.compile(r"state.*\.json")  # in it
BETWEEN = 1.0  # seconds between two writings
SILENT = 30.0  # seconds without a sign of life after which a batch counts as broken off


@dataclasses.dataclass(frozen=True, slots=True)
class State:
    """One batch, or one shard of it. updated: seconds since 1970. exit_code: None while it runs.
    left: seconds that it will take, if known. at_work: a line a worker."""

    shard: str
    host: str
    process: int
    inputs: int
    done: int
    damaged: int
    failed: int
    waiting: int
    frames_a_second: float
    left: float | None
    at_work: tuple[str, ...]
    updated: float
    exit_code: int | None = None

    @property
    def word(self) -> str:
        if self.exit_code is not None:
            return f"ended with {self.exit_code}"
        return "running" if time.time() - self.updated < SILENT else "broken off"


class StateFile:
    """Renewed once a second; that it cannot be written is no reason to stop."""

    def __init__(self, root: Path, shard: str, mark: str) -> None:
        self._path, self._shard = root / FOLDER / f"state{mark}.json", shard
        self._written = 0.0

    def renew(self, course: Course) -> bool:
        """Whether it was time to."""
        if time.monotonic() - self._written <= BETWEEN:
            return False
        self._written = time.monotonic()
        self._write(course, None)
        return True

    def close(self, course: Course, exit_code: int) -> None:
        self._write(course, exit_code)

    def _write(self, course: Course, exit_code: int | None) -> None:
        state = State(
            shard=self._shard, host=socket.gethostname(), process=os.getpid(),
            inputs=len(course.jobs), done=course.counts[DONE], damaged=course.counts[DAMAGED],
            failed=course.counts[FAILED], waiting=course.counts[WAITING],
            frames_a_second=round(course.rate, 1), left=course.seconds_left,
            at_work=tuple(f"{name_of(one.task.job)}: {one.frames} frames"
                          for one in course.at_work.values()),
            updated=time.time(), exit_code=exit_code,
        )  # fmt: skip
        with contextlib.suppress(OutputError):
            write_whole(self._path, json.dumps(dataclasses.asdict(state)).encode())


def read_states(root: str) -> list[State]:
    """Of all shards of the batch with that --output."""
    states = []
    for name, text in _texts(below(root.rstrip("/") or "/", FOLDER)):
        try:
            data = json.loads(text)
            states.append(State(**{**data, "at_work": tuple(data["at_work"])}))
        except (ValueError, TypeError, KeyError) as problem:
            raise InputError("is not the state of a batch", where=name) from problem
    if not states:
        raise InputError("no batch has written there", where=root,
                         hint="name the folder that was given to --output")  # fmt: skip
    return states


def _texts(folder: str) -> Iterator[tuple[str, bytes]]:
    if is_remote(folder):
        names = sorted(name for name in remote.names_in(folder) if NAME.fullmatch(name))
        for name in names:
            yield f"{folder}/{name}", remote.read(f"{folder}/{name}")
    else:
        for path in sorted(Path(folder).glob("state*.json")):
            yield str(path), path.read_bytes()
