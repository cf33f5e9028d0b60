"""The workers of a Ray cluster: to `run_all` they are as those of this machine.

Each is an actor that has one job at a time and takes the next when that is done, so nothing queues
up anywhere but here. A job whose worker is lost is given to another one.
"""

import contextlib
import dataclasses
import shutil
import time
from collections import Counter, deque
from pathlib import Path
from typing import Any

from openpose_py.batch.addresses import is_remote
from openpose_py.batch.cluster import Share
from openpose_py.batch.far_worker import FarStart, FarWorker, Told
from openpose_py.batch.job import Failed
from openpose_py.batch.schedule import Schedule, Task
from openpose_py.batch.whole_folder import part_of
from openpose_py.batch.workers import TICK, Ended, Heard
from openpose_py.errors import OpenPoseError, StageError

LOSSES = 2  # times that a job is given to another worker, since the one at it was lost
FAILED_STARTS = 5  # in a row
SECONDS_A_COUNT = 1.0  # between two questions how many frames are done


@dataclasses.dataclass
class _Slot:
    """One worker at a time. pending: what it will answer next. process: 0: it is not ready."""

    number: int
    actor: Any
    pending: Any
    process: int = 0
    task: Task | None = None
    since: float = 0.0
    count: Any = None  # a question for its frames
    asked: float = 0.0


class FarWorkers:
    """ray: the module, connected. leave: what is to be closed at the end."""

    def __init__(
        self, ray: Any, start: FarStart, share: Share, time_limit: float,
        leave: contextlib.ExitStack,
    ) -> None:  # fmt: skip
        self._ray, self._start, self._leave = ray, start, leave
        self._time_limit = time_limit
        self._actor = ray.remote(FarWorker).options(
            num_cpus=share.cpus, num_gpus=share.gpus, max_concurrency=2,
            scheduling_strategy="SPREAD",
        )  # fmt: skip
        self._held: deque[Task] = deque()  # wait for a worker
        self._losses: Counter[str] = Counter()
        self._failed_starts = 0
        self._slots = [self._new(number) for number in range(share.count)]

    @property
    def busy(self) -> bool:
        return bool(self._held) or any(slot.task for slot in self._slots)

    def hand_out(self, schedule: Schedule, heard: Heard) -> None:
        """A task for every worker that is ready and has none, as long as there are any."""
        if schedule.stopped:
            self._held.clear()
        free = [slot for slot in self._slots if slot.process and slot.task is None]
        while True:
            task = self._held.popleft() if self._held else schedule.next()
            if task is None:
                return
            if not free:
                self._held.appendleft(task)
                return
            slot = free.pop()
            slot.task, slot.since = task, time.monotonic()
            slot.pending = slot.actor.do.remote(task.job)
            heard.begun(slot.number, task)

    def listen(self, heard: Heard) -> list[Ended]:
        """What has come to an end, after TICK seconds at most."""
        asked = {slot.pending: slot for slot in self._slots if slot.pending is not None}
        patience = min(TICK, self._time_limit / 4 or TICK)
        first, rest = self._ray.wait(list(asked), timeout=patience)
        others = self._ray.wait(rest, num_returns=len(rest), timeout=0)[0] if rest else []
        ended: list[Ended] = []
        for answer in (*first, *others):
            ended += self._hear(asked[answer], heard)
        for slot in self._slots:
            ended += self._late(slot)
            self._count_frames(slot, heard)
        return ended

    def dismiss(self) -> None:
        """Nothing is left to do; `kill` follows."""

    def kill(self) -> None:
        for slot in self._slots:
            self._end(slot)
        self._leave.close()

    def _new(self, number: int) -> _Slot:
        actor = self._actor.remote(self._start, number, self._ray.get)
        return _Slot(number, actor, actor.load.remote())

    def _hear(self, slot: _Slot, heard: Heard) -> list[Ended]:
        problems = self._ray.exceptions
        try:
            answer = self._ray.get(slot.pending)
        except problems.RayTaskError as problem:
            return self._broken(slot, problem.cause)
        except (
            problems.RayActorError,
            problems.ObjectLostError,
            problems.OutOfMemoryError,
        ) as problem:
            return self._lost(slot, heard, problem)
        slot.pending = None
        if not isinstance(answer, Told):
            slot.process, self._failed_starts = answer, 0
            return []
        for text in answer.messages:
            heard.said(slot.number, text)
        task, slot.task = slot.task, None
        return [(slot.number, task, answer.outcome)] if task else []

    def _broken(self, slot: _Slot, cause: BaseException) -> list[Ended]:
        """A mistake of a library, or the worker cannot start."""
        if slot.task is None:
            if isinstance(cause, OpenPoseError):
                raise cause
            raise StageError(f"a worker cannot start: {type(cause).__name__}: {cause}")
        return self._replaced(slot, f"{type(cause).__name__}: {cause}".splitlines()[0])

    def _lost(self, slot: _Slot, heard: Heard, problem: Exception) -> list[Ended]:
        """Its process has ended, or its machine is gone."""
        task = slot.task
        if task is None:
            self._failed_starts += not slot.process
            if self._failed_starts > FAILED_STARTS:
                raise StageError("workers cannot start") from problem
            self._slots[slot.number] = self._new(slot.number)
            return []
        self._losses[task.job.target] += 1
        if self._losses[task.job.target] > LOSSES:
            times = self._losses.pop(task.job.target)
            return self._replaced(slot, f"its worker process or machine was lost {times} times")
        self._held.append(task)
        heard.lost(slot.number, task)
        self._replaced(slot, "")
        return []

    def _late(self, slot: _Slot) -> list[Ended]:
        limit = self._time_limit
        if not limit or slot.task is None or time.monotonic() - slot.since < limit:
            return []
        return self._replaced(slot, f"took longer than {limit:g} s")

    def _replaced(self, slot: _Slot, reason: str) -> list[Ended]:
        """Another worker takes the place of this one, whose task has failed."""
        self._end(slot)
        self._slots[slot.number] = self._new(slot.number)
        return [(slot.number, slot.task, Failed(reason))] if slot.task else []

    def _end(self, slot: _Slot) -> None:
        """With what it has left unfinished, where that is seen from here."""
        self._ray.kill(slot.actor)
        if slot.task and not is_remote(slot.task.job.target):
            target = Path(self._start.folder, slot.task.job.target)
            shutil.rmtree(part_of(target, slot.process), ignore_errors=True)

    def _count_frames(self, slot: _Slot, heard: Heard) -> None:
        if slot.task is None:
            slot.count = None
        elif slot.count is None and time.monotonic() - slot.asked > SECONDS_A_COUNT:
            slot.count, slot.asked = slot.actor.frames.remote(), time.monotonic()
        elif slot.count is not None and self._ray.wait([slot.count], timeout=0)[0]:
            with contextlib.suppress(self._ray.exceptions.RayError):  # `_hear` will meet it
                heard.frames(slot.number, self._ray.get(slot.count))
            slot.count = None
