"""What has become of every input so far, and what the workers are at."""

import dataclasses
import time
from array import array
from pathlib import Path

from openpose_py.batch.job import Done, Failed, Job, Outcome
from openpose_py.batch.schedule import Task

WAITING, DONE, DAMAGED, FAILED = "waiting", "done", "damaged", "failed"
STATUSES = (WAITING, DONE, DAMAGED, FAILED)


@dataclasses.dataclass(slots=True)
class AtWork:
    """A worker's present task. frames: done of it. since: monotonic seconds."""

    task: Task
    since: float
    frames: int = 0


class Course:
    """Counts and tables of one batch. Arrays, not objects: there may be millions of inputs.

    damaged: done, with outputs, but something of the input could not be read.
    """

    def __init__(self, jobs: list[Job]) -> None:
        self.jobs = jobs
        self.status = bytearray(len(jobs))  # positions in STATUSES
        self.frames, self.people = (array("q", bytes(8 * len(jobs))) for _ in range(2))
        self.seconds = array("d", bytes(8 * len(jobs)))
        self.reasons: dict[int, str] = {}
        self.at_work: dict[int, AtWork] = {}
        self.skipped = 0  # done before
        self.counts = dict.fromkeys(STATUSES, 0) | {WAITING: len(jobs)}
        self.new_frames = self.new_people = 0  # of this run
        self.start_clock()

    def start_clock(self) -> None:
        """Rates and what is left are counted from now on."""
        self.started = time.monotonic()

    def skip(self, number: int, done: Done) -> None:
        """It was done in an earlier run."""
        self.skipped += 1
        self.settle(number, done)

    def settle(self, number: int, outcome: Done | Failed) -> None:
        if isinstance(outcome, Failed):
            self._mark(number, FAILED, outcome.reason)
            return
        self.frames[number], self.people[number] = outcome.frames, outcome.people
        self.seconds[number] = outcome.seconds
        self._mark(number, DAMAGED if outcome.notes else DONE, "; ".join(outcome.notes))

    def begin(self, worker: int, task: Task) -> None:
        self.at_work[worker] = AtWork(task, time.monotonic())

    def lose(self, worker: int) -> None:
        self.at_work.pop(worker, None)

    def end(self, worker: int, task: Task, outcome: Outcome) -> None:
        """New are frames that this run has found; those of joined spans were counted before."""
        at_work = self.at_work.get(worker)
        if at_work and at_work.task is task:
            del self.at_work[worker]
        if isinstance(outcome, Done) and not (task.job.spans or outcome.before):
            self.new_frames += outcome.frames
            self.new_people += outcome.people

    @property
    def finished(self) -> int:
        return len(self.jobs) - self.counts[WAITING]

    @property
    def rate(self) -> float:
        """Frames a second, those of unfinished inputs too."""
        frames = self.new_frames + sum(one.frames for one in self.at_work.values())
        return frames / max(time.monotonic() - self.started, 1e-9)

    @property
    def seconds_left(self) -> float | None:
        """By the inputs that this run has finished; None: nothing is known yet."""
        new = self.finished - self.skipped
        if not new:
            return None
        return (time.monotonic() - self.started) / new * self.counts[WAITING]

    def _mark(self, number: int, status: str, reason: str) -> None:
        self.counts[STATUSES[self.status[number]]] -= 1
        self.counts[status] += 1
        self.status[number] = STATUSES.index(status)
        if reason:
            self.reasons[number] = reason


def name_of(job: Job) -> str:
    """For people: its input, and which part of it."""
    name = Path(job.path).name
    return f"{name} {job.span.first}-{job.span.stop - 1}" if job.span else name
