"""How fast a batch is: workers against one, what an input costs, a plan of a million inputs.

python benchmarks/batch.py [throughput] [overhead] [million] [ray]
"""

import argparse
import dataclasses
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import av
import numpy as np

from openpose_py.batch.course import Course
from openpose_py.batch.done_record import Record, write_record
from openpose_py.batch.far_starts import far_workers
from openpose_py.batch.job import Cut, Done, Failed, Job, Outcome, Watch
from openpose_py.batch.kit import Kit
from openpose_py.batch.options import BatchOptions
from openpose_py.batch.plan import plan
from openpose_py.batch.report import write_reports
from openpose_py.batch.resume import looked_up
from openpose_py.batch.run_one import run_one
from openpose_py.batch.schedule import Schedule, Task
from openpose_py.batch.starts import KitStart
from openpose_py.batch.thread_shares import use_threads
from openpose_py.batch.worker import Run
from openpose_py.batch.workers import Crew, Workers, run_all
from openpose_py.compile_once import compile_once
from openpose_py.inputs import open_input
from openpose_py.outputs import open_outputs
from openpose_py.settings import Settings

CLIPS, FRAMES, SIZE = 40, 24, (160, 96)
MILLION, FILES = 1_000_000, 1_000
FEW = 1_000


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("which", nargs="*", default=["throughput", "overhead", "million"])
    parser.add_argument("--inputs", type=int, default=MILLION)
    parser.add_argument("--folder", default=None, help="where the files of the runs go")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        if "throughput" in given.which:
            throughput(Path(folder))
        if "overhead" in given.which:
            overhead(Path(folder))
        if "ray" in given.which:
            ray_overhead(Path(folder))
        if "million" in given.which:
            million(Path(folder), given.inputs)


def throughput(folder: Path) -> None:
    """Two workers against one, each with one thread."""
    clips = write_clips(folder / "clips", CLIPS)
    rates = {}
    for workers in (1, 2, 1, 2):
        out = folder / f"out{len(rates)}{workers}{time.monotonic_ns()}"
        rates[workers] = max(rates.get(workers, 0.0), rate_of(clips, out, workers))
    print(f"frames/s with one worker {rates[1]:.1f}, with two {rates[2]:.1f}: "
          f"{rates[2] / rates[1]:.2f} times")  # fmt: skip


def rate_of(clips: Path, out: Path, workers: int) -> float:
    words = ["batch", clips, "--output", out, "--write_json", ".", "--net_resolution", "-1x96"]
    words += ["--workers", workers]
    done = subprocess.run(
        [sys.executable, "-m", "openpose_py", *map(str, words)],
        env={**os.environ, "OMP_NUM_THREADS": "1"}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return float(done.stderr.rpartition(" frames/s")[0].rpartition(" ")[2])


def overhead(folder: Path) -> None:
    """Milliseconds an input that a batch's whole folder costs beside a plain run, model loaded."""
    use_threads(1)
    compile_once("openpose")
    clips = sorted(write_clips(folder / "few", 12).iterdir())
    base = Settings(write_json="json", net_resolution="-1x96", display=0)
    kit = Kit(base, span=3000)
    jobs = [Job(str(clip), clip.stem, str(folder / "whole" / clip.stem)) for clip in clips]
    run_one(dataclasses.replace(jobs[0], target=str(folder / "warm")), kit)
    plain, whole = [], []
    for job in jobs:
        start = time.perf_counter()
        plain_run(job, kit, folder / "plain" / job.id)
        plain.append(time.perf_counter() - start)
        start = time.perf_counter()
        run_one(job, kit)
        whole.append(time.perf_counter() - start)
    more = np.median(whole) - np.median(plain)
    print(f"an input: plain run {1000 * np.median(plain):.1f} ms, in a batch "
          f"{1000 * np.median(whole):.1f} ms: {1000 * more:.1f} ms more")  # fmt: skip


def plain_run(job: Job, kit: Kit, folder: Path) -> None:
    settings = kit.settings(job, folder)
    source = open_input(settings)
    estimator = kit.estimator(job)
    outputs = open_outputs(settings, source.fps, estimator.card)
    for result in estimator.run(source):
        outputs.write(result)
    outputs.close()


def ray_overhead(folder: Path) -> None:
    """Milliseconds an input that a Ray cluster of this machine costs beside a local worker: both
    have one worker, which finds every input done."""
    base = Settings(write_json="json", num_gpu=0, display=0)
    planned = plan([str(write_manifest(folder, FEW))], str(folder / "out"), base)
    (folder / "out").mkdir()
    pretend = Pretending(base)()
    for job in planned.jobs:
        pretend(job, lambda frames: None)
    costs = {}
    for name in ("local", "ray"):
        follower = FirstToLast(Course(planned.jobs))
        crew: Crew = (
            far_workers(BatchOptions(ray="local", workers=1), Kit(base), planned.jobs, folder)
            if name == "ray"
            else Workers([KitStart(base, 0, 1)], "fork", 0.0, folder)
        )
        run_all(Schedule(list(enumerate(planned.jobs)), 0, False), crew, follower)
        costs[name] = 1000 * follower.seconds / (FEW - 1)
    print(f"an input that was done before: by a local worker {costs['local']:.2f} ms, by Ray "
          f"{costs['ray']:.2f} ms: {costs['ray'] - costs['local']:.2f} ms more")  # fmt: skip


def million(folder: Path, inputs: int) -> None:
    """Plan, schedule, resume and summarise; the work itself only writes its record."""
    manifest = write_manifest(folder, inputs)
    base = Settings(write_json="json", num_gpu=0, display=0)
    kit = Kit(base)
    clock = Clock(inputs)
    planned = plan([str(manifest)], str(folder / "out"), base)
    clock.lap("planned")
    os.mkdir(folder / "out")
    jobs = list(enumerate(job for job, _ in looked_up(planned.jobs, kit, clean=True)))
    clock.lap("looked up, nothing done")
    course = Course(planned.jobs)
    workers = Workers([Pretending(base)] * 2, "fork", 0.0, folder)
    run_all(Schedule(jobs, 0, False), workers, Following(course))
    clock.lap("scheduled and done by two workers")
    course = Course(planned.jobs)
    for number, (_, found) in enumerate(looked_up(planned.jobs, kit, clean=True)):
        if isinstance(found, Done):
            course.skip(number, found)
    clock.lap(f"resumed, {course.skipped} done before")
    write_reports(course, folder, "")
    clock.lap("summarised")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"largest memory of the batch: {peak:.2f} GiB")


class Clock:
    """By the clock, and by the processor time of all processes: steady on a busy machine."""

    def __init__(self, inputs: int) -> None:
        self._inputs, self._last, self._used = inputs, time.perf_counter(), sum(os.times()[:4])

    def lap(self, what: str) -> None:
        seconds, self._last = time.perf_counter() - self._last, time.perf_counter()
        used, self._used = sum(os.times()[:4]) - self._used, sum(os.times()[:4])
        print(f"{what}: {seconds:.1f} s, {self._inputs / seconds:,.0f} inputs/s, "
              f"{1e6 * used / self._inputs:.0f} us of processor an input", flush=True)  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Pretending:
    """A worker that writes records and nothing else."""

    base: Settings

    def __call__(self) -> Run:
        kit = Kit(self.base)

        def run(job: Job, watch: Watch) -> Done | Cut:
            os.mkdir(job.target)
            done = Done(1, 1, 0.0)
            write_record(Path(job.target), Record(kit.work(job), done, kit.version))
            return done

        return run


class Following:
    """As the command follows a batch, without a screen."""

    def __init__(self, course: Course) -> None:
        self._course = course

    def begun(self, worker: int, task: Task) -> None:
        self._course.begin(worker, task)

    def frames(self, worker: int, count: int) -> None: ...

    def said(self, worker: int, text: str) -> None: ...

    def ended(self, worker: int, task: Task, outcome: Outcome) -> None:
        self._course.end(worker, task, outcome)

    def lost(self, worker: int, task: Task) -> None:
        self._course.lose(worker)

    def settled(self, number: int, outcome: Done | Failed) -> None:
        self._course.settle(number, outcome)

    def tick(self) -> None: ...


class FirstToLast(Following):
    """Seconds from the first end to the last: without the start of the workers."""

    seconds, _first = 0.0, 0.0

    def ended(self, worker: int, task: Task, outcome: Outcome) -> None:
        super().ended(worker, task, outcome)
        self._first = self._first or time.perf_counter()
        self.seconds = time.perf_counter() - self._first


def write_clips(folder: Path, count: int) -> Path:
    """Clips of grey noise that moves, a few seconds each."""
    folder.mkdir()
    random = np.random.default_rng(1)
    wide = random.integers(0, 255, (SIZE[1], SIZE[0] + FRAMES, 3), np.uint8)
    for number in range(count):
        with av.open(str(folder / f"clip{number}.mp4"), "w") as container:
            stream = container.add_stream("libx264", rate=12)
            stream.width, stream.height = SIZE
            stream.pix_fmt = "yuv420p"
            for shift in range(FRAMES):
                picture = np.ascontiguousarray(wide[:, shift : shift + SIZE[0]])
                container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
            container.mux(stream.encode())
    return folder


def write_manifest(folder: Path, inputs: int) -> Path:
    """Rows with ids over a thousand files."""
    files = folder / "files"
    files.mkdir()
    for number in range(FILES):
        (files / f"{number}.mp4").touch()
    path = folder / "manifest.csv"
    with path.open("w") as table:
        table.write("path,id,net_resolution\n")
        for number in range(inputs):
            table.write(f"files/{number % FILES}.mp4,take{number:07d},\n")
    return path


if __name__ == "__main__":
    main()
