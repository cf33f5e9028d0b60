"""What runs the network: the engine of --engine in the arithmetic of --precision.

An exported file (.onnx, .xml, .torchscript) decides by itself, unless --engine names another that
reads it too.
"""

import functools
import importlib.util
import os
from pathlib import Path
from typing import Any, NamedTuple

from openpose_py.checks import PRECISIONS, check_precision
from openpose_py.chosen_model import ChosenModel
from openpose_py.engines.choice import Task, fastest
from openpose_py.engines.cores import has_bf16, usable_cores
from openpose_py.engines.no_reports import no_reports
from openpose_py.errors import ModelFileError, StageError, UsageError
from openpose_py.export.facts import KEY, Facts, read_facts
from openpose_py.settings import Settings
from openpose_py.stages.maps.engines.engine import Engine
from openpose_py.stages.maps.engines.torch_engine import (
    Scripted,
    TorchEngine,
    limit_threads,
    script_facts,
)
from openpose_py.weights.load import load_network
from openpose_py.weights.prototxt import check_prototxt

PACKAGES = {
    "torch": (),
    "openvino": ("openvino", "onnx"),
    "onnxruntime": ("onnxruntime", "onnx"),
    "int8": ("openvino", "onnx", "nncf"),
}
EXTRAS = {"openvino": "openvino", "onnxruntime": "onnx", "int8": "int8"}
READERS = {
    ".onnx": ("onnxruntime", "openvino"),
    ".xml": ("openvino",),
    ".torchscript": ("torch",),
}  # the first is the one that runs unless --engine names the other


class Opened(NamedTuple):
    """network: its name. normalisation: of the tensors that the engine wants."""

    engine: Engine
    network: str
    normalisation: str
    notices: tuple[str, ...] = ()


def open_engine(settings: Settings, model: ChosenModel, device: Any) -> Opened:
    """The model's network, ready to run. device: a torch.device; only PyTorch leaves the CPU."""
    no_reports()
    threads = network_threads()
    limit_threads(threads)
    if is_exported(model.weights):
        return _open_exported(settings, model, device, threads)
    name, network = load_network(model.weights, model.runs.networks)
    if settings.prototxt_path:
        check_prototxt(Path(settings.model_folder) / settings.prototxt_path, network, name)
    task = Task(settings, model.runs, model.weights, name, network, device, threads)
    engine, notices = _open(task)
    return Opened(engine, name, model.runs.normalisation, notices)


def network_threads() -> int:
    """As many as the user says to OpenMP, or one a core."""
    said = os.environ.get("OMP_NUM_THREADS", "")
    return int(said) if said.isdecimal() and int(said) else usable_cores()


def is_exported(path: Path) -> bool:
    """Whether `openpose-py export` wrote the file; IRs of others are read as weights."""
    suffix = path.suffix.lower()
    return suffix in READERS and (suffix != ".xml" or KEY.encode() in path.read_bytes())


def need(name: str, where: str) -> None:
    """Raises if a package of this row of PACKAGES is not installed."""
    for package in PACKAGES[name]:
        if importlib.util.find_spec(package) is None:
            raise StageError(f"needs the package {package}", where=where,
                             hint=f'type: pip install "openpose-py[{EXTRAS[name]}]"')  # fmt: skip


def _open(task: Task) -> tuple[Engine, tuple[str, ...]]:
    settings = task.settings
    precision, notices = _precision(settings, task.device)
    if precision == "int8":
        need("int8", "--precision int8")
        from openpose_py.engines.int8 import int8_engine

        return int8_engine(task)
    builders = {
        name: functools.partial(build, name, task, precision)
        for name, precisions in PRECISIONS.items()
        if precision in precisions
    }
    if settings.engine != "auto":
        need(settings.engine, f"--engine {settings.engine}")
        return builders[settings.engine](), notices
    if task.device.type != "cpu":
        return builders["torch"](), notices
    there = {name: make for name, make in builders.items() if _installed(name)}
    engine, sentence = fastest(task, precision, there)
    return engine, (*notices, sentence)


def _installed(name: str) -> bool:
    return all(importlib.util.find_spec(package) for package in PACKAGES[name])


def _precision(settings: Settings, device: Any) -> tuple[str, tuple[str, ...]]:
    """The arithmetic, and what to tell about it."""
    precision = "fp32" if settings.precision == "auto" else settings.precision
    on_cpu = device.type == "cpu" or settings.engine == "openvino"
    if precision == "fp16" and on_cpu:
        raise UsageError("is for GPUs", where="--precision fp16",
                         hint="use --precision bf16 on a CPU that has it")  # fmt: skip
    if precision == "bf16" and on_cpu and has_bf16() is False:
        return precision, ("--precision bf16: this processor has no bf16, so it gains nothing",)
    return precision, ()


def build(engine: str, task: Task, precision: str) -> Engine:
    """The task's network in one engine."""
    stride = task.card.stride
    if engine == "torch":
        return TorchEngine(task.network, task.device, stride, precision)
    from openpose_py.export.exported import Exported, Wishes

    exported = Exported(task.name, task.network, task.card, Wishes())
    maps = exported.facts.maps
    if engine == "openvino":
        from openpose_py.export.openvino_file import openvino_model
        from openpose_py.stages.maps.engines.openvino_engine import OpenVinoEngine

        return OpenVinoEngine(openvino_model(exported), maps, stride, precision, task.threads)
    from openpose_py.export.onnx_file import onnx_bytes
    from openpose_py.stages.maps.engines.onnx_engine import OnnxEngine

    return OnnxEngine(onnx_bytes(exported), maps, stride, task.threads)


def _open_exported(settings: Settings, model: ChosenModel, device: Any, threads: int) -> Opened:
    path, readers = model.weights, READERS[model.weights.suffix.lower()]
    engine = settings.engine if settings.engine in readers else readers[0]
    need(engine, str(path))
    precision, notices = _precision(settings, device)
    check_precision(engine, precision)
    facts = _facts_of(path, engine)
    if facts.network not in model.runs.networks:
        raise ModelFileError(f"holds {facts.model}, not {model.runs.name}", where=str(path),
                             hint=f"use --model_pose {facts.model}")  # fmt: skip
    if settings.prototxt_path or precision == "int8":
        raise UsageError("wants the weights, not an exported file",
                         where="--prototxt_path" if settings.prototxt_path else "--precision int8",
                         )  # fmt: skip
    if engine == "torch":
        opened: Engine = TorchEngine(Scripted(path), device, facts.stride, precision)
    elif engine == "openvino":
        from openpose_py.stages.maps.engines.openvino_engine import OpenVinoEngine

        opened = OpenVinoEngine(path, facts.maps, facts.stride, precision, threads)
    else:
        from openpose_py.stages.maps.engines.onnx_engine import OnnxEngine

        opened = OnnxEngine(path, facts.maps, facts.stride, threads)
    return Opened(opened, facts.network, facts.normalisation, notices)


def _facts_of(path: Path, engine: str) -> Facts:
    if engine == "torch":
        return read_facts(script_facts(path, KEY), str(path))
    if engine == "openvino":
        from openpose_py.stages.maps.engines.openvino_engine import openvino_facts

        return read_facts(openvino_facts(path, KEY), str(path))
    from openpose_py.stages.maps.engines.onnx_engine import onnx_facts

    return read_facts(onnx_facts(path, KEY), str(path))
