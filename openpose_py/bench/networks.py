"""One frame through a network: every engine and precision here, beside plain PyTorch and OpenCV
on the same caffemodel, by the clock and by processor time; and how the time grows with resolution,
scales and batch."""

import copy
import functools
import importlib.util
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch import nn

from openpose_py.bench.measure import (
    all_threads,
    many_threads,
    medians,
    medians_of_clocks,
)
from openpose_py.bench.models import (
    channels_last,
    loaded,
    net_input_of,
    noise,
    run_plain,
    task_of,
)
from openpose_py.bench.rows import Plan, Row
from openpose_py.checks import PRECISIONS
from openpose_py.engines.choice import Task
from openpose_py.engines.cores import has_bf16
from openpose_py.engines.open import PACKAGES, build
from openpose_py.errors import UsageError
from openpose_py.export.caffemodel import write_caffemodel
from openpose_py.records import NetInput
from openpose_py.zoo.cards import BOTTOM_UP, ModelCard, card_named, cards

SECTION, GROWTH = "networks", "growth of the network's time"
PROCESSOR = "networks, processor time of all threads"
QUICK_MODELS, QUICK_HEIGHT = ("BODY_25", "BODY_25B_COMPACT"), 208
USUAL_HEIGHT = 368
GROWN = "BODY_25B_COMPACT"
HEIGHTS, SCALES, BATCHES = (368, 480, 736, 1088), (1, 2, 3, 4), (1, 2, 4, 8)
PLAIN, OPENCV = "plain torch fp32", "OpenCV dnn"  # plain: as it comes, channels first


def networks(plan: Plan) -> Iterator[Row]:
    height = USUAL_HEIGHT if plan.full else QUICK_HEIGHT
    names = [one.name for one in cards().values() if one.kind == BOTTOM_UP]
    for name in names if plan.full else QUICK_MODELS:
        yield from _all_engines(card_named(name), net_input_of(height), plan)


def growth(plan: Plan) -> Iterator[Row]:
    for model in (GROWN, "BODY_25") if plan.full else (GROWN,):
        card = card_named(model)
        name, network, weights = loaded(card, plan)
        engine = build("torch", task_of(card, name, network, plan), "fp32")
        for height in HEIGHTS:
            x = net_input_of(height)
            value = _alone(functools.partial(engine.run, x), plan)
            axis = f"height of the network's input, {model}"
            case = f"{model} {_size(x)}"
            yield Row(GROWTH, case, "torch fp32", value, "ms", axis, height, weights)
        for scales in SCALES:
            value = _alone(functools.partial(engine.run, net_input_of(USUAL_HEIGHT, scales)), plan)
            axis = f"scales, {model}"
            case = f"{model}, scales: {scales}"
            yield Row(GROWTH, case, "torch fp32", value, "ms", axis, scales, weights)
        for batch in BATCHES if plan.full else BATCHES[:3]:
            x_batch = noise(656, USUAL_HEIGHT, batch)
            work = functools.partial(run_plain, channels_last(network), x_batch)
            value = _alone(work, plan) / batch
            case, axis = f"{model}, a frame in batches of {batch}", f"batch, {model}"
            yield Row(GROWTH, case, "torch fp32", value, "ms", axis, batch, weights)


def _alone(work: Callable[[], object], plan: Plan) -> float:
    return medians({"": work}, plan.seconds / 2, many_threads)[""]


def _all_engines(card: ModelCard, x: NetInput, plan: Plan) -> Iterator[Row]:
    name, network, weights = loaded(card, plan)
    ways: dict[str, Callable[[], object]] = {PLAIN: functools.partial(_plain, network, x)}
    task = task_of(card, name, network, plan)
    for engine in PRECISIONS:
        if not all(importlib.util.find_spec(package) for package in PACKAGES[engine]):
            continue
        for precision in _precisions(engine):
            own = task._replace(network=copy.deepcopy(network))  # an engine changes its network
            ways[f"{engine} {precision}"] = functools.partial(build(engine, own, precision).run, x)
    if all(importlib.util.find_spec(package) for package in PACKAGES["int8"]):
        ways["openvino int8"] = _int8(task, x)
    rival = _opencv(network, x, plan)
    if rival:
        ways[OPENCV] = rival
    case = f"{card.name} {_size(x)}"
    found = medians_of_clocks(ways, plan.seconds, (many_threads, all_threads))
    for section, column in ((SECTION, 0), (PROCESSOR, 1)):
        for way, values in found.items():
            yield Row(section, case, way, values[column], note=weights)


def _plain(network: nn.Module, x: NetInput) -> Any:
    with torch.inference_mode():
        return network(torch.from_numpy(x.tensors[0]))


def _int8(task: Task, x: NetInput) -> Callable[[], object]:
    """Calibrated on a corner of noise: of no use for people, but as fast."""
    from openpose_py.engines.int8 import quantise
    from openpose_py.export.exported import Exported, Wishes
    from openpose_py.export.openvino_file import openvino_model
    from openpose_py.stages.maps.engines.openvino_engine import OpenVinoEngine

    exported = Exported(task.name, copy.deepcopy(task.network), task.card, Wishes())
    corner = np.ascontiguousarray(x.tensors[0][..., :128, :128])
    quantised = quantise(openvino_model(exported), [corner])
    maps, stride = exported.facts.maps, task.card.stride
    engine = OpenVinoEngine(quantised, maps, stride, "int8", task.threads)
    return functools.partial(engine.run, x)


def _precisions(engine: str) -> list[str]:
    """On a CPU; int8 has a network of its own."""
    bf16 = ("bf16",) if has_bf16() else ()
    return [one for one in PRECISIONS[engine] if one in ("fp32", *bf16)]


def _opencv(network: nn.Module, x: NetInput, plan: Plan) -> Callable[[], Any] | None:
    """The same weights in OpenCV's own engine; None where either does not know the layers."""
    if not cv2.__version__.startswith("4."):  # later ones read no caffemodels
        return None
    with tempfile.TemporaryDirectory() as folder:
        weights = Path(folder) / "network.caffemodel"
        try:
            description = write_caffemodel(network, weights)
        except UsageError:
            return None
        net = cv2.dnn.readNetFromCaffe(str(description), str(weights))
    (tensor,) = x.tensors

    def run() -> Any:
        cv2.setNumThreads(plan.threads)
        net.setInput(tensor)
        return net.forward()

    return run


def _size(x: NetInput) -> str:
    width, height = x.geometry.net_sizes[0]
    return f"{width}x{height}"
