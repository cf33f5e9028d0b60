"""Speeds that the documents of the original programs claim, measured here beside ours."""

import functools
from collections.abc import Callable, Iterator

import numpy as np
from torch import nn

from openpose_py.bench.measure import many_threads, medians
from openpose_py.bench.models import (
    channels_last,
    loaded,
    net_input_of,
    noise,
    random_weights,
    run_plain,
)
from openpose_py.bench.rows import Plan, Row
from openpose_py.networks.fast_pose import FastPose
from openpose_py.networks.gccpm import Gccpm
from openpose_py.networks.resnet import ResnetKind
from openpose_py.zoo.cards import card_named

SECTION = "claims"
RANDOM = "random weights"
TF_POSE_SIZE = (432, 368)
TF_POSE = ("mobilenet_thin", "mobilenet_v2_small", "mobilenet_v2_large", "cmu")
ALPHAPOSE_BATCH, ALPHAPOSE_CROP = 64, (192, 256)
GCCPM_CROP = (256, 256)


def claims(plan: Plan) -> Iterator[Row]:
    yield from _body_25b(plan)
    yield from _tf_pose(plan)
    yield from _alphapose(plan)
    yield from _gccpm(plan)


def _body_25b(plan: Plan) -> Iterator[Row]:
    """OpenPose: BODY_25B is as fast as BODY_25."""
    (x,) = net_input_of(368 if plan.full else 208).tensors
    case = f"BODY_25B option 2 as fast as BODY_25, {x.shape[3]}x{x.shape[2]}"
    ways: dict[str, Callable[[], object]] = {}
    for name in ("BODY_25", "BODY_25B_option2"):
        network = loaded(card_named(name), plan)[1]
        ways[name] = functools.partial(run_plain, channels_last(network), x)
    times = medians(ways, plan.seconds, many_threads)
    for way, value in times.items():
        yield Row(SECTION, case, way, value)
    ratio = times["BODY_25B_option2"] / times["BODY_25"]
    yield Row(SECTION, case, "ratio", ratio, "times", note="claimed: 1")


def _tf_pose(plan: Plan) -> Iterator[Row]:
    x = noise(*TF_POSE_SIZE)
    for name in TF_POSE if plan.full else TF_POSE[:2]:
        card = card_named(name)
        network, weights = loaded(card, plan)[1:]
        value = _rate(network, x, plan)
        told = [f"{one.value:g} s ({one.conditions})" for one in card.figures
                if one.name == "seconds"]  # fmt: skip
        note = f"{weights}; published: {'; '.join(told)}" if told else weights
        yield Row(SECTION, f"tf-pose {name}, 432x368", "torch fp32", value, "frames/s", note=note)


def _alphapose(plan: Plan) -> Iterator[Row]:
    """An iteration is 64 crops, each also mirrored; fewer at once here, as many counted."""
    network = random_weights(FastPose(17, 128, ResnetKind(50, squeeze=True)))
    at_once = ALPHAPOSE_BATCH if plan.full else 4
    rate = _rate(network, noise(*ALPHAPOSE_CROP, at_once), plan) * at_once / ALPHAPOSE_BATCH / 2
    note = f"{RANDOM}; measured with {at_once} crops at once; published: 13.12 on one RTX 3090"
    case = f"AlphaPose FastPose, {ALPHAPOSE_BATCH} crops of 256x192, mirrored too"
    yield Row(SECTION, case, "torch fp32", rate, "iterations/s", note=note)


def _gccpm(plan: Plan) -> Iterator[Row]:
    rate = _rate(random_weights(Gccpm(refinements=1)), noise(*GCCPM_CROP), plan)
    note = f"{RANDOM}; published: about 20 on a CPU, above 160 on a GPU, neither named"
    yield Row(SECTION, "GCCPM of two stages, 256x256", "torch fp32", rate, "frames/s", note=note)


def _rate(network: nn.Module, x: np.ndarray, plan: Plan) -> float:
    """Calls a second."""
    work = functools.partial(run_plain, channels_last(network), x)
    return 1000 / medians({"": work}, plan.seconds / 2, many_threads)[""]
