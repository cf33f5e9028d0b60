"""One worker on a machine of a cluster: it calls what the workers of one machine call."""

import contextlib
import dataclasses
import os
import socket
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from openpose_py.batch.job import Job, Outcome
from openpose_py.batch.kit import Kit
from openpose_py.batch.run_one import run_one
from openpose_py.batch.thread_shares import use_threads
from openpose_py.batch.worker import Run, outcome_of, print_to, tell_messages
from openpose_py.compile_once import compile_once
from openpose_py.errors import StageError
from openpose_py.settings import Settings
from openpose_py.stages.writers.whole_file import write_whole


@dataclasses.dataclass(frozen=True)
class ModelFile:
    """path, size: where the batch was typed. name: below --model_folder. content: a reference."""

    path: str
    size: int
    name: str
    content: Any


@dataclasses.dataclass(frozen=True)
class FarStart:
    """folder: in which the batch was typed. token: a file beside the results, if those lie in a
    file system, which every machine must see."""

    base: Settings
    span: int
    threads: int
    folder: str
    token: str
    models: tuple[ModelFile, ...]
    digest: str
    version: str


@dataclasses.dataclass(frozen=True)
class Told:
    """What has become of a job, and the messages meanwhile."""

    outcome: Outcome
    messages: tuple[str, ...]


class FarWorker:
    """load, then do job after job; `frames` may be asked at any time.

    get: gives the content of a reference.
    """

    def __init__(self, start: FarStart, number: int, get: Callable[[Any], bytes]) -> None:
        self._start, self._number, self._get = start, number, get
        self._run: Run | None = None
        self._messages: list[str] = []
        self._frames = 0

    def load(self) -> int:
        """Process number. The network itself is loaded with the first job."""
        start = self._start
        with contextlib.suppress(OSError):  # names of inputs are relative to it, if they are
            os.chdir(start.folder)
        self._check_machine()
        use_threads(start.threads)
        tell_messages(self._messages.append)
        base = with_models(start, self._get)
        kit = Kit(base, start.span)
        if base.num_gpu != 0:
            compile_once(base.decoder)
        self._run = lambda job, watch: run_one(job, kit, watch)
        return os.getpid()

    def do(self, job: Job) -> Told:
        if self._run is None:
            raise StageError("a worker was not loaded")
        self._frames = 0
        self._messages.clear()
        outcome = outcome_of(job, self._run, self._count)
        return Told(outcome, tuple(self._messages))

    def frames(self) -> int:
        return self._frames

    def _count(self, frames: int) -> None:
        self._frames = frames

    def _check_machine(self) -> None:
        start, host = self._start, socket.gethostname()
        if start.token and not os.path.exists(start.token):
            raise StageError("the folder of the results is not seen there", where=host,
                             hint="use a shared file system, or --output s3://...")  # fmt: skip
        if start.token:
            folder = Path(start.token).parent
            print_to(folder / f"worker-{self._number + 1}.log")
        version = Kit(start.base).version
        if version != start.version:
            raise StageError(f"openpose-py {version} is installed there, here {start.version}",
                             where=host, hint="install the same on all machines")  # fmt: skip


def with_models(start: FarStart, get: Callable[[Any], bytes]) -> Settings:
    """The flags with a --model_folder that holds the models: where they are not at the same place
    as where the batch was typed, they are put down here, once a machine."""
    if all(_is_here(model) for model in start.models):
        return start.base
    folder = Path(tempfile.gettempdir(), f"openpose-py-models-{start.digest}")
    for model in start.models:
        place = folder / model.name
        if not (place.exists() and place.stat().st_size == model.size):
            place.parent.mkdir(parents=True, exist_ok=True)
            write_whole(place, get(model.content))
    return dataclasses.replace(start.base, model_folder=str(folder))


def _is_here(model: ModelFile) -> bool:
    try:
        return os.path.getsize(model.path) == model.size
    except OSError:
        return False
