"""Which engine is the fastest here: a short measurement, remembered for this machine and model.

Only engines of the same arithmetic are compared, so that the choice changes no result.
"""

import contextlib
import hashlib
import importlib.metadata
import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from openpose_py.engines.cores import processor
from openpose_py.errors import OpenPoseError
from openpose_py.flag_values import sizes_wished
from openpose_py.records import NetInput
from openpose_py.settings import Settings
from openpose_py.stages.maps.engines.engine import Engine
from openpose_py.stages.maps.sizes import geometry_of
from openpose_py.stages.writers.whole_file import output_folder, write_whole
from openpose_py.weights.files import digest_of
from openpose_py.weights.find import cache_folder
from openpose_py.zoo.cards import ModelCard

FRAME = (1280, 720)  # width and height, of the input that is measured
RUNS = 3  # the fastest counts, behind one that warms up
PACKAGES = ("torch", "openvino", "onnxruntime")


class Task(NamedTuple):
    """A network to run. name: its row of networks.NETWORKS. network, device: of PyTorch."""

    settings: Settings
    card: ModelCard
    weights: Path
    name: str
    network: Any
    device: Any
    threads: int


def fastest(
    task: Task, precision: str, builders: Mapping[str, Callable[[], Engine]]
) -> tuple[Engine, str]:
    """The fastest engine, built, and a sentence about the choice."""
    path = engines_folder() / f"{_key(task, precision)}.json"
    known = _read(path)
    if known.keys() == builders.keys():
        name = min(known, key=lambda one: known[one])
        return builders[name](), _sentence(known, "as measured before")
    seconds, engines = {}, {}
    for name, make in builders.items():
        engines[name] = make()
        seconds[name] = _seconds(engines[name], task)
    _remember(path, seconds)
    return engines[min(seconds, key=lambda one: seconds[one])], _sentence(seconds, "measured")


def engines_folder() -> Path:
    """Where measurements and quantised networks are kept."""
    return cache_folder().parent / "engines"


def short_digest(path: Path) -> str:
    """The start of the file's sha256."""
    return digest_of(path)[:32]


def _key(task: Task, precision: str) -> str:
    """Of everything that the time depends on."""
    versions = []
    for package in PACKAGES:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            versions.append(f"{package} {importlib.metadata.version(package)}")
    size = _input(task).geometry.net_sizes
    facts = (processor(), task.threads, short_digest(task.weights), precision, size, versions)
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:32]


def _input(task: Task) -> NetInput:
    """A black frame of the size that the flags ask for."""
    geometry = geometry_of(FRAME, sizes_wished(task.settings, task.card, False))
    tensors = [np.zeros((1, 3, height, width), np.float32) for width, height in geometry.net_sizes]
    return NetInput(tuple(tensors), geometry)


def _seconds(engine: Engine, task: Task) -> float:
    net_input = _input(task)
    engine.run(net_input)
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        engine.run(net_input)
        times.append(time.perf_counter() - start)
    return min(times)


def _read(path: Path) -> dict[str, float]:
    """What is remembered; an unreadable memory is measured anew."""
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
        return {str(name): float(seconds) for name, seconds in table.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def _remember(path: Path, seconds: dict[str, float]) -> None:
    with contextlib.suppress(OpenPoseError):  # then the next run measures again
        output_folder(str(path.parent))
        write_whole(path, json.dumps(seconds).encode())


def _sentence(seconds: dict[str, float], how: str) -> str:
    row = sorted(seconds, key=lambda one: seconds[one])
    times = ", ".join(f"{name} {seconds[name] * 1000:.0f} ms" for name in row)
    return f"--engine auto: {row[0]} ({how}: {times})"
