"""Worker processes: whatever becomes of one, every input is settled once."""

import faulthandler
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from openpose_py.batch.course import Course
from openpose_py.batch.job import Cut, Done, Failed, Job
from openpose_py.batch.schedule import Schedule
from openpose_py.batch.whole_folder import whole_folder
from openpose_py.batch.workers import Workers, run_all
from openpose_py.errors import InputError, OutputError, StageError
from openpose_py.stages.writers.whole_file import cannot_write

GOOD = Done(2, 1, 0.0)


class Follower:
    def __init__(self, jobs: list[Job]) -> None:
        self.course = Course(jobs)
        self.settled_numbers: list[int] = []
        self.heard: list[str] = []

    def begun(self, worker, task) -> None:
        self.course.begin(worker, task)

    def frames(self, worker, count) -> None:
        self.heard.append(f"frames {count}")

    def said(self, worker, text) -> None:
        self.heard.append(text)

    def ended(self, worker, task, outcome) -> None:
        self.course.end(worker, task, outcome)

    def lost(self, worker, task) -> None:
        self.course.lose(worker)

    def settled(self, number, outcome) -> None:
        self.settled_numbers.append(number)
        self.course.settle(number, outcome)

    def tick(self) -> None: ...


@pytest.fixture
def run(tmp_path):
    """Runs a function over inputs of those names in two processes; returns who followed."""

    def run_(work: Callable, names: list[str], retries=0, fail_fast=False, time_limit=0.0):
        jobs = [Job(name, name, str(tmp_path / "out" / name)) for name in names]
        follower = Follower(jobs)
        schedule = Schedule(list(enumerate(jobs)), retries, fail_fast)
        workers = Workers([lambda: work] * 2, "fork", time_limit, tmp_path)
        run_all(schedule, workers, follower)
        return follower

    return run_


def poison(job: Job, watch) -> Done:
    if "segfault" in job.path:
        faulthandler.disable()  # pytest's
        os.kill(os.getpid(), signal.SIGSEGV)
    if "memory" in job.path:
        os.kill(os.getpid(), signal.SIGKILL)
    if "exit" in job.path:
        os._exit(7)
    if "bug" in job.path:
        raise ZeroDivisionError("in a library")
    if "bad" in job.path:
        raise InputError("is broken", where=job.path)
    return GOOD


def test_a_poisoned_input_ends_its_worker_not_the_batch(run):
    bad = ["segfault", "memory", "exit", "bug", "bad"]
    names = [f"good{number}" for number in range(30)]
    names[3:3] = bad[:3]
    names += bad[3:]
    course = run(poison, names).course
    reasons = {names[number]: reason for number, reason in course.reasons.items()}
    assert set(reasons) == set(bad)
    assert "SIGSEGV" in reasons["segfault"] and "lack of memory" in reasons["memory"]
    assert "exit code 7" in reasons["exit"] and "ZeroDivisionError" in reasons["bug"]
    assert reasons["bad"] == "is broken"
    assert course.counts == {"waiting": 0, "done": 30, "damaged": 0, "failed": 5}


def test_every_input_is_settled_once(run):
    names = [f"{'exit' if number % 7 == 0 else 'good'}{number}" for number in range(50)]
    assert sorted(run(poison, names).settled_numbers) == list(range(50))


def test_retries_help_where_luck_does(run, tmp_path):
    def unlucky(job: Job, watch) -> Done:
        tries = tmp_path / f"tries-{job.path}"
        with tries.open("a") as file:
            file.write("x")
        if len(tries.read_text()) < 3:
            os._exit(1)
        return GOOD

    course = run(unlucky, ["a", "b"], retries=2).course
    assert course.counts["done"] == 2
    assert (tmp_path / "tries-a").read_text() == "xxx"


def test_fail_fast_begins_nothing_more(run):
    def unhurried(job: Job, watch) -> Done:
        if "good" in job.path:
            time.sleep(0.2)  # else the other worker does many before the bad one is heard of
        return poison(job, watch)

    course = run(unhurried, ["bad", *["good"] * 200], fail_fast=True).course
    assert course.counts["failed"] == 1 and course.counts["waiting"] > 190


def test_a_full_disk_ends_the_batch_other_trouble_with_writing_does_not(run):
    def full(job: Job, watch) -> Done:
        problem = OSError(28 if job.path == "full" else 13, "no")
        raise cannot_write(Path(job.path), problem) from problem

    assert run(full, ["full", *["other"] * 200]).course.counts["waiting"] > 190
    assert run(full, ["other"] * 5).course.counts["failed"] == 5


def test_an_input_that_takes_too_long_is_given_up_with_what_it_wrote(run, tmp_path):
    def slow(job: Job, watch) -> Done:
        with whole_folder(Path(job.target)) as folder:
            (folder / "half").touch()
            time.sleep(60 if job.path == "slow" else 0)
            raise OutputError("enough")

    start = time.monotonic()
    course = run(slow, ["quick", "slow", "quick2"], time_limit=0.6).course
    assert time.monotonic() - start < 20
    assert course.reasons[1] == "took longer than 0.6 s"
    assert course.counts["failed"] == 3 and list((tmp_path / "out").iterdir()) == []


def test_progress_and_messages_are_heard(run):
    def talking(job: Job, watch) -> Done:
        import logging

        watch(11)
        logging.getLogger("openpose_py.x").warning("the sound is lost")
        print("chatter")
        return GOOD

    heard = run(talking, ["a"]).heard
    assert heard == ["frames 11", "the sound is lost"]


def test_what_a_library_prints_goes_to_the_log(run, tmp_path):
    def chatty(job: Job, watch) -> Done:
        os.write(2, b"from a library")
        return GOOD

    run(chatty, ["a"])
    assert any(b"from a library" in log.read_bytes() for log in tmp_path.glob("worker-*.log"))


def test_a_worker_that_cannot_start_is_an_error_of_the_batch(tmp_path):
    def start():
        raise MemoryError("no room for the network")

    schedule = Schedule([(0, Job("a", "a", "out/a"))], 0, False)
    workers = Workers([start], "fork", 0.0, tmp_path)
    with pytest.raises(StageError, match="no room for the network"):
        run_all(schedule, workers, Follower([Job("a", "a", "out/a")]))


def test_workers_end_with_their_parent(tmp_path):
    child = os.fork()
    if child == 0:

        def endless(job: Job, watch) -> Done | Cut | Failed:
            (tmp_path / "worker").write_text(str(os.getpid()))
            time.sleep(60)
            return GOOD

        schedule = Schedule([(0, Job("a", "a", "out/a"))], 0, False)
        workers = Workers([lambda: endless], "fork", 0.0, tmp_path)
        run_all(schedule, workers, Follower([Job("a", "a", "out/a")]))
    deadline = time.monotonic() + 20
    while not (tmp_path / "worker").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    time.sleep(0.5)
    worker = (tmp_path / "worker").read_text()
    status = Path("/proc", worker, "stat")
    assert not status.exists() or status.read_text().split()[2] == "Z"
