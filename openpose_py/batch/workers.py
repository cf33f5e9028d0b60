"""The worker processes of this machine: tasks out, outcomes in, whatever may happen to them."""

import contextlib
import gc
import multiprocessing
import os
import pickle
import shutil
import signal
import time
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any, Protocol

from openpose_py.batch.job import Done, Failed, Job, Outcome
from openpose_py.batch.schedule import Schedule, Task
from openpose_py.batch.whole_folder import part_of
from openpose_py.batch.worker import CRASHED, FRAMES, OUTCOME, SAID, Start, serve
from openpose_py.errors import StageError

TICK = 0.5  # seconds at most between two looks at the clock
PATIENCE = 10.0  # seconds that a worker may take to end

Ended = tuple[int, Task, Outcome]  # which worker, at what, how


class Heard(Protocol):
    """Who follows the course of a batch."""

    def begun(self, worker: int, task: Task) -> None: ...

    def frames(self, worker: int, count: int) -> None: ...

    def said(self, worker: int, text: str) -> None: ...

    def ended(self, worker: int, task: Task, outcome: Outcome) -> None:
        """The work on a task. What that means for its input is told by `settled`."""

    def lost(self, worker: int, task: Task) -> None:
        """The worker is gone, the task will be given to another one."""

    def settled(self, number: int, outcome: Done | Failed) -> None: ...

    def tick(self) -> None:
        """Twice a second, and more often."""


class Crew(Protocol):
    """Workers, wherever they are."""

    @property
    def busy(self) -> bool: ...

    def hand_out(self, schedule: Schedule, heard: Heard) -> None: ...

    def listen(self, heard: Heard) -> list[Ended]: ...

    def dismiss(self) -> None: ...

    def kill(self) -> None: ...


def run_all(schedule: Schedule, workers: Crew, heard: Heard) -> None:
    """Until there is nothing left to do. An error or Ctrl-C ends the workers at once."""
    try:
        workers.hand_out(schedule, heard)
        while workers.busy:
            for worker, task, outcome in workers.listen(heard):
                heard.ended(worker, task, outcome)
                settled = schedule.settle(task, outcome)
                if isinstance(settled, Done | Failed):
                    heard.settled(task.number, settled)
            workers.hand_out(schedule, heard)
            heard.tick()
        workers.dismiss()
    finally:
        workers.kill()


class Workers:
    """starts: for each worker, what it loads. method: "fork", which shares the memory of what is
    loaded, or "spawn". time_limit: seconds a task; 0: none. logs: a file a worker goes there."""

    def __init__(self, starts: list[Start], method: str, time_limit: float, logs: Path) -> None:
        context: Any = multiprocessing.get_context(method)
        self._time_limit = time_limit
        self._all = [
            _Worker(number, context, start, logs / f"worker-{number + 1}.log")
            for number, start in enumerate(starts)
        ]

    @property
    def busy(self) -> bool:
        return any(worker.task for worker in self._all)

    def hand_out(self, schedule: Schedule, heard: Heard) -> None:
        """A task for every worker that has none, as long as there are any."""
        for worker in self._all:
            if worker.task is None:
                task = schedule.next()
                if task is None:
                    return
                worker.give(task)
                heard.begun(worker.number, task)

    def listen(self, heard: Heard) -> list[Ended]:
        """What has come to an end, after TICK seconds at most."""
        ended: list[Ended] = []
        lines = {worker.line: worker for worker in self._all}
        for line in wait(list(lines), min(TICK, self._time_limit / 4 or TICK)):
            ended += lines[line].hear(heard)
        for worker in self._all if self._time_limit else ():
            ended += worker.late(self._time_limit)
        return ended

    def dismiss(self) -> None:
        """Nothing is left to do: they end by themselves."""
        for worker in self._all:
            worker.dismiss()

    def kill(self) -> None:
        for worker in self._all:
            worker.kill()


class _Worker:
    """One process at a time; when it dies another takes its place."""

    def __init__(self, number: int, context: Any, start: Start, log: Path) -> None:
        self.number = number
        self.task: Task | None = None
        self._context, self._start, self._log = context, start, log
        self._begin()

    def _begin(self) -> None:
        self.line, theirs = self._context.Pipe()
        given = theirs, self._start, self._log, os.getpid()
        self._process = self._context.Process(target=serve, args=given, daemon=True)
        gc.disable()  # until the worker has put the parent's garbage aside
        self._process.start()
        gc.enable()
        theirs.close()
        self._ready, self._crashed = False, ""

    def give(self, task: Task) -> None:
        self.task, self._since = task, time.monotonic()
        with contextlib.suppress(OSError):  # it is dead: that is met when it is listened to
            self._send(task.job)

    def hear(self, heard: Heard) -> list[Ended]:
        """The next that it has to say, its death too."""
        try:
            kind, content = pickle.loads(self.line.recv_bytes())
        except (EOFError, OSError):
            return self._died()
        if kind == OUTCOME:
            return self._settled(content)
        if kind == FRAMES:
            heard.frames(self.number, content)
        elif kind == SAID:
            heard.said(self.number, content)
        elif kind == CRASHED:
            self._crashed = content
        else:
            self._ready, self._since = True, time.monotonic()
        return []

    def late(self, limit: float) -> list[Ended]:
        """Ends it if it has worked on its task for longer than `limit` seconds."""
        if self.task is None or not self._ready or time.monotonic() - self._since < limit:
            return []
        self._process.kill()
        self._crashed = f"took longer than {limit:g} s"
        return self._died()

    def dismiss(self) -> None:
        with contextlib.suppress(OSError):
            self._send(None)
        self._process.join(PATIENCE)

    def kill(self) -> None:
        self._process.kill()
        self._process.join(PATIENCE)
        self.line.close()
        self._remove_unfinished()

    def _send(self, job: Job | None) -> None:
        self.line.send_bytes(pickle.dumps(job, pickle.HIGHEST_PROTOCOL))

    def _settled(self, outcome: Outcome) -> list[Ended]:
        task, self.task = self.task, None
        return [(self.number, task, outcome)] if task else []

    def _died(self) -> list[Ended]:
        """The task that it died of has failed."""
        self._process.join(PATIENCE)
        reason = self._crashed or _reason(self._process.exitcode)
        if not self._ready:
            raise StageError(f"a worker process cannot start: {reason}", where=str(self._log))
        self._remove_unfinished()
        self.line.close()
        self._begin()
        return self._settled(Failed(reason))

    def _remove_unfinished(self) -> None:
        if self.task:
            target = Path(self.task.job.target)
            shutil.rmtree(part_of(target, self._process.pid), ignore_errors=True)


def _reason(code: int | None) -> str:
    if code is not None and code < 0:
        name = signal.Signals(-code).name
        out = ", perhaps by lack of memory" if -code == signal.SIGKILL else ""
        return f"its worker process was killed ({name}{out})"
    return f"its worker process ended (exit code {code})"
