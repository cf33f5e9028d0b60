"""A Ray cluster: to reach it, and how its processors are shared among workers."""

import contextlib
import dataclasses
import logging
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from typing import Any

from openpose_py.batch.starts import MOST, wants_gpu
from openpose_py.errors import StageError
from openpose_py.settings import Settings

LOCAL = "local"  # --ray: a cluster of this machine alone, as long as the batch lasts
QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",  # nothing is sent to anyone
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
}


@dataclasses.dataclass(frozen=True)
class Share:
    """count: of workers. cpus, gpus: that each has for itself."""

    count: int
    cpus: int
    gpus: float


@contextlib.contextmanager
def connected(address: str) -> Iterator[Any]:
    """The module `ray`, connected; at the end it is left, a local cluster ended."""
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    try:
        import ray
    except ImportError as problem:
        raise StageError("Ray is not installed", where="--ray",
                         hint="type: pip install 'openpose-py[batch]'") from problem  # fmt: skip
    own = tempfile.mkdtemp(prefix="ray-") if address == LOCAL else ""
    more = {"include_dashboard": False, "_temp_dir": own} if own else {}
    try:
        ray.init(address, log_to_driver=False, logging_level=logging.ERROR, **more)
        yield ray
    except (ConnectionError, ValueError) as problem:
        if ray.is_initialized():
            raise
        raise StageError(f"there is no Ray cluster at {address}", where="--ray",
                         hint="start one with: ray start --head") from problem  # fmt: skip
    finally:
        ray.shutdown()
        if own:
            shutil.rmtree(own, ignore_errors=True)


def share_of(machines: Sequence[dict[str, float]], base: Settings, workers: int) -> Share:
    """machines: what each has of CPU and GPU. workers: 0: a GPU each, or up to 8 a machine."""
    cards = [int(machine.get("GPU", 0)) for machine in machines]
    cores = [int(machine.get("CPU", 0)) for machine in machines]
    if wants_gpu(base) and any(cards):
        count = workers or sum(cards)
        on_one = -(-count // sum(cards))  # workers that share a card
        cpus = min(core // (card * on_one) for core, card in zip(cores, cards, strict=True) if card)
        return Share(count, max(1, cpus), 1 / on_one)
    if workers:
        fitting = (cpus for cpus in range(max(cores), 0, -1) if _fit(cores, cpus) >= workers)
        return Share(workers, next(fitting, 1), 0)
    cpus = max(1, min(core for core in cores if core) // MOST)
    return Share(_fit(cores, cpus), cpus, 0)


def _fit(cores: Sequence[int], cpus: int) -> int:
    """How many workers with so many processors each there is room for."""
    return sum(core // cpus for core in cores)
