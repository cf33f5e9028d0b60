"""What runs a network of crops: PyTorch in batches, the engine of --engine, or an exported file."""

import dataclasses
import functools
import importlib.util
from typing import Any, NamedTuple, Protocol

import numpy as np

from openpose_py.chosen_model import ChosenModel
from openpose_py.engines.choice import Task, fastest
from openpose_py.engines.open import PACKAGES, build, need, network_threads, open_engine
from openpose_py.errors import ModelFileError, StageError, UsageError
from openpose_py.export.exported import PREPROCESSING
from openpose_py.export.facts import BAKED
from openpose_py.settings import Settings
from openpose_py.stages.maps.engines.engine_of_crops import EngineOfCrops
from openpose_py.stages.maps.engines.torch_crops import CropNetwork

PRECISION = "fp32"
ENGINES = ("torch", "openvino", "onnxruntime")
SMALLER = "free memory on the device: not even one crop fits"


class RunsCrops(Protocol):
    def run(self, crops: np.ndarray) -> np.ndarray: ...


class OpenedCrops(NamedTuple):
    network: RunsCrops
    notices: tuple[str, ...] = ()


def open_crops(settings: Settings, model: ChosenModel, network: Any, device: Any) -> OpenedCrops:
    """The model's network, read already, as --engine says. device: a torch.device."""
    engine, card = settings.engine, model.runs
    if settings.precision not in ("auto", PRECISION):
        raise UsageError(f"{card.name} runs in {PRECISION} only", hint="leave it out",
                         where=f"--precision {settings.precision}")  # fmt: skip
    if engine == "torch" or (engine == "auto" and device.type != "cpu"):
        return OpenedCrops(CropNetwork(network, device, SMALLER))
    _check_sizes(settings, f"--engine {engine}")
    height, width = card.input
    sized = dataclasses.replace(settings, net_resolution=f"{width}x{height}")
    threads = network_threads()
    task = Task(sized, card, model.weights, card.networks[0], network, device, threads)
    if engine != "auto":
        need(engine, f"--engine {engine}")
        return OpenedCrops(EngineOfCrops(build(engine, task, PRECISION)))
    there = {
        name: functools.partial(build, name, task, PRECISION)
        for name in ENGINES
        if all(importlib.util.find_spec(package) for package in PACKAGES[name])
    }
    found, sentence = fastest(task, PRECISION, there)
    return OpenedCrops(EngineOfCrops(found), (sentence,))


def open_exported_crops(
    settings: Settings, model: ChosenModel, device: Any, parts: int
) -> OpenedCrops:
    """A file of `openpose-py export`. parts: how many the model finds."""
    path, card = str(model.weights), model.runs
    _check_sizes(settings, path)
    opened = open_engine(settings, model, device)
    prepared = None
    if opened.normalisation == BAKED:
        prepared = functools.partial(_pixels, normalisation=card.normalisation)
    network = EngineOfCrops(opened.engine, prepared)
    try:
        maps = network.run(np.zeros((1, 3, *card.input), np.float32))
    except StageError as problem:
        hint = "export it again, without --input_size"
        raise ModelFileError(problem.what, where=path, hint=hint) from problem
    if maps.shape[1] not in (parts, parts + 1):  # the last may be the background
        what = f"finds {maps.shape[1]} points, {card.name} has {parts}"
        raise ModelFileError(what, where=path, hint="type: openpose-py models list")
    return OpenedCrops(network, opened.notices)


def _check_sizes(settings: Settings, where: str) -> None:
    if settings.multiscale:
        raise UsageError("takes one size of input, --multiscale wants three", where=where,
                         hint="use the weights with --engine torch")  # fmt: skip


def _pixels(crops: np.ndarray, normalisation: str) -> np.ndarray:
    """Normalised crops, float32 (n, 3, height, width) -> values 0 to 255, B G R."""
    mean, scale, channels = PREPROCESSING[normalisation]
    factors, means = (np.array(row, np.float32)[:, None, None] for row in (scale, mean))
    values = crops * factors + means
    return values[:, ::-1] if channels == "RGB" else values
