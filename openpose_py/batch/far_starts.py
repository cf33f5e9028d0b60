"""How the workers of a cluster are set up: what they are given to begin with."""

import contextlib
import dataclasses
import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from openpose_py.batch.cluster import connected, share_of
from openpose_py.batch.far_worker import FarStart, ModelFile
from openpose_py.batch.far_workers import FarWorkers
from openpose_py.batch.job import Job
from openpose_py.batch.kit import Kit
from openpose_py.batch.options import BatchOptions
from openpose_py.batch.weights import weights_needed
from openpose_py.settings import Settings
from openpose_py.stages.writers.whole_file import write_whole
from openpose_py.weights.find import cache_folder
from openpose_py.zoo.folder import models_folder


def far_workers(
    chosen: BatchOptions, kit: Kit, jobs: Iterable[Job], shared: Path | None
) -> FarWorkers:
    """shared: a folder beside the results that all machines must see; None: the results go to an
    object store."""
    with contextlib.ExitStack() as opened:
        ray = opened.enter_context(connected(chosen.ray))
        machines = [node["Resources"] for node in ray.nodes() if node["Alive"]]
        share = share_of(machines, kit.base, chosen.workers)
        token = str(opened.enter_context(_token(shared))) if shared else ""
        base = kit.base
        if share.gpus:  # Ray shows each worker its own card alone
            base = dataclasses.replace(base, num_gpu=1, num_gpu_start=0)
        models = model_files(base, {job.flags for job in jobs}, ray.put) if base.num_gpu else ()
        names = "".join(f"{one.path} {one.size}\n" for one in models)
        digest = hashlib.blake2b(names.encode(), digest_size=8).hexdigest()
        start = FarStart(
            base, kit.span, share.cpus, os.getcwd(), token, models, digest, kit.version
        )
        leave = opened.pop_all()
    return FarWorkers(ray, start, share, chosen.time_limit, leave)


def model_files(base: Settings, rows: Iterable[Any], put: Any) -> tuple[ModelFile, ...]:
    """Every file of weights that the flags need, those of a manifest's rows too."""
    paths = {
        path: settings
        for settings in (dataclasses.replace(base, **dict(row)) for row in rows)
        for path in weights_needed(settings)
    }
    return tuple(
        ModelFile(str(path.absolute()), path.stat().st_size, _name(path, settings),
                  put(path.read_bytes()))
        for path, settings in paths.items()
    )  # fmt: skip


def _name(path: Path, settings: Settings) -> str:
    """Where a search below --model_folder finds it."""
    for folder in (Path(settings.model_folder), cache_folder(), models_folder()):
        if path.is_relative_to(folder):
            return path.relative_to(folder).as_posix()
    return settings.caffemodel_path.lstrip("/")


@contextlib.contextmanager
def _token(folder: Path) -> Iterator[Path]:
    path = (folder / f"cluster-{secrets.token_hex(8)}").absolute()
    write_whole(path, b"")
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)
