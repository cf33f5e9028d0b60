"""`openpose-py batch INPUT... --output DIR`: plan, resume, work, report."""

import dataclasses
import logging
import sys
from collections.abc import Sequence
from typing import Any

from openpose_py.batch.addresses import is_remote
from openpose_py.batch.course import DAMAGED, FAILED, Course
from openpose_py.batch.far_starts import far_workers
from openpose_py.batch.job import WRITES, Done, Failed, Job, Outcome
from openpose_py.batch.kit import Kit
from openpose_py.batch.options import BatchOptions, options, shard_of
from openpose_py.batch.plan import Plan, plan
from openpose_py.batch.report import write_reports
from openpose_py.batch.reports_folder import Reports
from openpose_py.batch.resume import looked_up
from openpose_py.batch.schedule import Schedule, Task
from openpose_py.batch.slurm import slurm_script
from openpose_py.batch.spans import why_in_one_piece
from openpose_py.batch.starts import set_up
from openpose_py.batch.state import FOLDER, StateFile
from openpose_py.batch.workers import Crew, Workers, run_all
from openpose_py.checks import check, check_output, check_value
from openpose_py.cli.batch_log import JsonLog
from openpose_py.cli.batch_view import BatchView, sentence
from openpose_py.cli.messages import start_messages
from openpose_py.errors import (
    EXIT_DONE,
    EXIT_FAILED,
    EXIT_INTERRUPTED,
    EXIT_SOME_INPUTS_UNREADABLE,
    OpenPoseError,
    OutputError,
)
from openpose_py.settings import Settings

log = logging.getLogger("openpose_py.batch")
OWN = {field.name for field in dataclasses.fields(BatchOptions)}
SPELLED_OUT = 100  # bad inputs in the last lines; all are in failed.csv


def batch(words: Sequence[str], **values: Any) -> int:
    """Runs one batch; returns the exit code."""
    chosen = BatchOptions(**{key: values[key] for key in OWN})
    given = Settings(**{key: value for key, value in values.items() if key not in OWN})
    start_messages(given.logging_level, given.quiet)
    for flag in options():
        check_value(flag, getattr(chosen, flag.field))
    number, count = shard_of(chosen.shard)
    base = dataclasses.replace(given, display=0)
    one_gpu = dataclasses.replace(base, num_gpu=min(base.num_gpu, 1))
    notices = check(dataclasses.replace(one_gpu, video="input.mp4"))
    planned = plan(words, chosen.output, base)
    jobs = planned.jobs[number - 1 :: count]
    notices += [*planned.notices, *_checked_outputs(base, planned)]
    whole = why_in_one_piece(base)
    if chosen.span and whole:
        notices.append(f"{whole}: long videos are not cut, each is done in one piece")
    for notice in notices:
        log.warning(notice)
    kit = Kit(one_gpu, chosen.span)
    if chosen.emit:
        print(slurm_script(words, chosen, given, planned.root, len(planned.jobs)), end="")
        return EXIT_DONE
    if chosen.dry_run:
        return _print_plan(jobs, kit)
    return _Batch(chosen, planned.root, jobs, kit).run(base)


def _checked_outputs(base: Settings, planned: Plan) -> list[str]:
    """Something must be written, by the flags of all or by those of a row."""
    rows = {job.flags for job in planned.jobs}
    if any(field in WRITES for row in rows for field, _ in row):
        return []
    return check_output(base)


def _print_plan(jobs: list[Job], kit: Kit) -> int:
    """A line an input on stdout: what will be done with it, input, folder of the results."""
    done = 0
    for job, found in looked_up(jobs, kit, clean=False):
        done += isinstance(found, Done)
        print("done" if isinstance(found, Done) else found, job.path, job.target, sep="\t")
    print(f"{len(jobs)} inputs, {done} of them done, {len(jobs) - done} to do", file=sys.stderr)
    return EXIT_DONE


class _Batch:
    """Follows the course of one batch, and tells it to people and files."""

    def __init__(self, chosen: BatchOptions, root: str, jobs: list[Job], kit: Kit) -> None:
        mark = f"-{chosen.shard.strip().replace('/', '-of-')}" if chosen.shard else ""
        self._reports, self._mark = Reports(root), mark
        self._root = self._reports.folder
        self._chosen, self._kit, self._jobs = chosen, kit, jobs
        self._course = Course(jobs)
        self._state = StateFile(self._root, chosen.shard, mark)
        self._log = JsonLog(chosen.json_log)
        self._view = BatchView(self._course, kit.base.quiet)

    def run(self, base: Settings) -> int:
        """The exit code. base: the flags, with as many GPUs as were asked for."""
        left = self._left()
        schedule = Schedule(left, self._chosen.retries, self._chosen.fail_fast)
        self._log.event("start", inputs=len(self._jobs), done=self._course.skipped)
        try:
            if left:
                run_all(schedule, self._workers(base, left[0][1]), self)
            code = self._code(schedule)
        except KeyboardInterrupt:
            code = EXIT_INTERRUPTED
        finally:
            self._view.close()
        return self._reported(code, schedule.stopped)

    def _left(self) -> list[tuple[int, Job]]:
        left = []
        for number, (job, found) in enumerate(looked_up(self._jobs, self._kit, clean=True)):
            if isinstance(found, Done):
                self._course.skip(number, found)
            else:
                left.append((number, job))
        return left

    def _workers(self, base: Settings, first: Job) -> Crew:
        far = is_remote(str(self._reports.root))
        logs = self._root / FOLDER
        if self._chosen.ray:
            crew: Crew = far_workers(self._chosen, self._kit, self._jobs, None if far else logs)
        else:
            far = far or any(is_remote(job.path) for job in self._jobs)
            setup = set_up(base, self._kit, first, self._chosen.workers, far)
            for notice in setup.notices:
                log.warning(notice)
            crew = Workers(setup.starts, setup.method, self._chosen.time_limit, logs)
        self._course.start_clock()
        self._view.start()
        return crew

    def _code(self, schedule: Schedule) -> int:
        counts = self._course.counts
        if schedule.stopped and not self._chosen.fail_fast:
            return EXIT_FAILED
        return EXIT_SOME_INPUTS_UNREADABLE if counts[FAILED] + counts[DAMAGED] else EXIT_DONE

    def _reported(self, code: int, stopped: str) -> int:
        course = self._course
        try:
            write_reports(course, self._root, self._mark)
        except OutputError as problem:
            self._view.say(f"openpose-py: {problem.short()}")
            code = code if code == EXIT_INTERRUPTED else EXIT_FAILED
        for number in sorted(course.reasons)[:SPELLED_OUT]:
            self._view.say(f"openpose-py: {self._jobs[number].path}: {course.reasons[number]}")
        if len(course.reasons) > SPELLED_OUT:
            self._view.say(f"openpose-py: and more: {self._root / f'failed{self._mark}.csv'}")
        left = len(self._jobs) - course.finished
        if left or stopped:
            why = f" ({stopped})" if stopped else ""
            self._view.say(f"openpose-py: ended early{why}: {left} inputs are left; the same "
                           "command goes on")  # fmt: skip
        if not self._kit.base.quiet:
            self._view.say(sentence(course))
        self._state.close(course, code)
        code = self._published(code)
        self._log.event("end", exit_code=code, **course.counts)
        self._log.close()
        return code

    def _published(self, code: int) -> int:
        try:
            self._reports.publish()
        except OpenPoseError as problem:
            self._view.say(f"openpose-py: {problem.short()}")
            return code if code == EXIT_INTERRUPTED else EXIT_FAILED
        return code

    def begun(self, worker: int, task: Task) -> None:
        self._course.begin(worker, task)
        self._log.event("begin", worker=worker, **_told(task))

    def frames(self, worker: int, count: int) -> None:
        if worker in self._course.at_work:
            self._course.at_work[worker].frames = count

    def said(self, worker: int, text: str) -> None:
        at_work = self._course.at_work.get(worker)
        path = at_work.task.job.path if at_work else ""
        self._log.event("message", worker=worker, input=path, text=text)
        log.warning("%s: %s", path, text)

    def ended(self, worker: int, task: Task, outcome: Outcome) -> None:
        self._course.end(worker, task, outcome)
        kind = type(outcome).__name__.lower()
        if isinstance(outcome, Done) and outcome.before:
            kind = "found"
        details = dataclasses.asdict(outcome) if isinstance(outcome, Done | Failed) else {}
        self._log.event(kind, worker=worker, **_told(task), **details)

    def lost(self, worker: int, task: Task) -> None:
        self._course.lose(worker)
        self._log.event("lost", worker=worker, **_told(task))

    def settled(self, number: int, outcome: Done | Failed) -> None:
        self._course.settle(number, outcome)

    def tick(self) -> None:
        if self._state.renew(self._course):
            self._reports.publish_state()
        self._view.renew()


def _told(task: Task) -> dict[str, Any]:
    span = task.job.span
    part = {"first": span.first, "last": span.stop - 1} if span else {}
    return {"input": task.job.path, "id": task.job.id, "attempt": task.attempt, **part}
