"""One frame through a network: every engine and precision here, OpenCV on the same caffemodel, and
how the time grows with resolution, scales and batch."""

import functools
import importlib.util
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
from torch import nn

from openpose_py.bench.measure import many_threads, medians
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
from openpose_py.engines.cores import has_bf16
from openpose_py.engines.open import PACKAGES, build
from openpose_py.errors import UsageError
from openpose_py.export.caffemodel import write_caffemodel
from openpose_py.records import NetInput
from openpose_py.zoo.cards import BOTTOM_UP, ModelCard, card_named, cards

SECTION, GROWTH = "networks", "growth of the network's time"
QUICK_MODELS, QUICK_HEIGHT = ("BODY_25", "BODY_25B_COMPACT"), 208
USUAL_HEIGHT = 368
GROWN = "BODY_25B_COMPACT"
HEIGHTS, SCALES, BATCHES = (368, 480, 736, 1088), (1, 2, 3, 4), (1, 2, 4, 8)
OPENCV = "OpenCV dnn"


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
    ways: dict[str, Callable[[], object]] = {}
    task = task_of(card, name, network, plan)
    for engine in PRECISIONS:
        if not all(importlib.util.find_spec(package) for package in PACKAGES[engine]):
            continue
        for precision in _precisions(engine):
            own = task._replace(network=loaded(card, plan)[1])  # an engine changes its network
            ways[f"{engine} {precision}"] = functools.partial(build(engine, own, precision).run, x)
    rival = _opencv(network, x, plan)
    if rival:
        ways[OPENCV] = rival
    case = f"{card.name} {_size(x)}"
    for way, value in medians(ways, plan.seconds, many_threads).items():
        yield Row(SECTION, case, way, value, note=weights)


def _precisions(engine: str) -> list[str]:
    """On a CPU; int8 wants pictures for its calibration, so it is left to the user."""
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
