"""How the workers of this machine are set up: how many, with which processor, with what loaded."""

import dataclasses
import gc
import sys

from openpose_py.batch.job import Job
from openpose_py.batch.kit import Kit
from openpose_py.batch.run_one import run_one
from openpose_py.batch.thread_shares import cores, gpus, threads_a_worker, use_threads
from openpose_py.batch.worker import Run, Start
from openpose_py.compile_once import compile_once
from openpose_py.errors import OpenPoseError
from openpose_py.settings import Settings

MOST = 8  # workers, unless --workers says more
FORK, SPAWN = "fork", "spawn"


@dataclasses.dataclass(frozen=True)
class KitStart:
    """Of one worker. kit: loaded before the fork; None: to be made in the worker."""

    base: Settings
    span: int
    threads: int
    kit: Kit | None = None

    def __call__(self) -> Run:
        use_threads(self.threads)
        kit = self.kit or Kit(self.base, self.span)
        return lambda job, watch: run_one(job, kit, watch)


@dataclasses.dataclass(frozen=True)
class Setup:
    """starts: one a worker. method: of `multiprocessing`. notices: what the user should know."""

    starts: list[Start]
    method: str
    notices: tuple[str, ...]


def set_up(base: Settings, kit: Kit, first: Job, workers: int, far: bool = False) -> Setup:
    """first: a job whose network is loaded at once. workers: 0: by the machine. far: files come
    from an object store or go there; its driver has begun threads, so nothing is forked.

    On the CPU workers are forked from this process and share the memory of its weights. No thread
    may have begun here by then, so that everything is loaded with one.
    """
    cards = gpus_used(base)
    count = workers or cards or min(cores(), MOST)
    threads = threads_a_worker(count)
    if base.num_gpu != 0:
        compile_once(base.decoder)
    if cards or far or not forks():
        starts: list[Start] = [
            KitStart(on_gpu(base, number % cards) if cards else base, kit.span, threads)
            for number in range(count)
        ]
        return Setup(starts, SPAWN, ())
    use_threads(1)
    notices = _loaded(kit, first)
    gc.collect()
    gc.freeze()
    return Setup([KitStart(base, kit.span, threads, kit)] * count, FORK, notices)


def gpus_used(base: Settings) -> int:
    """How many GPUs the flags and the machine give; 0: the CPU, or no network at all."""
    if not wants_gpu(base):
        return 0
    if base.device.startswith("cuda"):
        return 1
    return base.num_gpu if base.num_gpu > 0 else max(0, gpus() - base.num_gpu_start)


def wants_gpu(base: Settings) -> bool:
    return base.num_gpu != 0 and base.device != "cpu"


def on_gpu(base: Settings, number: int) -> Settings:
    """The flags of a worker that has the GPU of that number, counted from --num_gpu_start."""
    if base.device != "auto":
        return base
    first = base.num_gpu_start + number
    return dataclasses.replace(base, num_gpu=1, num_gpu_start=first)


def forks() -> bool:
    """Only Linux's fork is safe beside the libraries that are loaded."""
    return sys.platform == "linux"


def _loaded(kit: Kit, job: Job) -> tuple[str, ...]:
    """Loads its network; with flags of its own a failure is its own, too."""
    try:
        return tuple(kit.estimator(job).notices)
    except OpenPoseError:
        if job.flags:
            return ()
        raise
