"""The order of work: what is next, what follows from an outcome. It knows nothing of processes."""

import dataclasses
from collections import deque
from collections.abc import Iterable

from openpose_py.batch.job import Cut, Done, Failed, Job, Outcome
from openpose_py.batch.spans import span_job


@dataclasses.dataclass(frozen=True, slots=True)
class Task:
    """One job at one attempt. number: of the input in the plan; its spans have the same."""

    number: int
    job: Job
    attempt: int = 1


class Schedule:
    """Inputs in their order; spans of a video that has been begun come before other inputs."""

    def __init__(self, jobs: Iterable[tuple[int, Job]], retries: int, fail_fast: bool) -> None:
        self._fresh = deque(jobs)
        self._first: deque[Task] = deque()
        self._retries, self._fail_fast = retries, fail_fast
        self._spans_left: dict[int, int] = {}
        self._cuts: dict[int, tuple[Job, Cut]] = {}
        self.stopped = ""  # why nothing new is begun

    def next(self) -> Task | None:
        """The next task to hand out; None: there is none now."""
        if self.stopped:
            return None
        if self._first:
            return self._first.popleft()
        return Task(*self._fresh.popleft()) if self._fresh else None

    def settle(self, task: Task, outcome: Outcome) -> Outcome | None:
        """What has become of the task's input, or None: there is more to be done for it."""
        if isinstance(outcome, Failed):
            return self._failed(task, outcome)
        if isinstance(outcome, Cut):
            self._cut(task, outcome)
            return None
        return self._span_done(task) if task.job.span else outcome

    def _failed(self, task: Task, failed: Failed) -> Outcome | None:
        number = task.number
        if task.job.span and number not in self._cuts:
            return None  # another span of it has failed before
        if failed.fatal:
            self.stopped = failed.reason
        elif task.attempt <= self._retries:
            self._first.append(dataclasses.replace(task, attempt=task.attempt + 1))
            return None
        elif self._fail_fast:
            self.stopped = "--fail_fast"
        self._forget_spans(number)
        return failed

    def _cut(self, task: Task, cut: Cut) -> None:
        number, job = task.number, task.job
        if cut.spans:
            self._cuts[number] = job, cut
            self._spans_left[number] = len(cut.spans)
            self._first.extend(Task(number, span_job(job, span)) for span in cut.spans)
        elif not job.span or number in self._cuts:
            whole = self._cuts[number][0] if number in self._cuts else job
            self._forget_spans(number)
            whole = dataclasses.replace(whole, spans=(), whole=True)
            self._first.append(Task(number, whole))

    def _span_done(self, task: Task) -> Done | None:
        number = task.number
        if number in self._spans_left:
            self._spans_left[number] -= 1
            if not self._spans_left[number]:
                job, cut = self._cuts[number]
                self._first.append(Task(number, dataclasses.replace(job, spans=cut.spans)))
        return None

    def _forget_spans(self, number: int) -> None:
        self._cuts.pop(number, None)
        self._spans_left.pop(number, None)
        kept = [task for task in self._first if not (task.number == number and task.job.span)]
        self._first = deque(kept)
