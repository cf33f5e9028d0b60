"""A network of ours as the list of Caffe layers that OpenPose's descriptions have.

Names are those of the published prototxts; activations work in place.
"""

from collections.abc import Sequence
from typing import NamedTuple

from torch import nn

from openpose_py.errors import UsageError
from openpose_py.networks.dense_cpm import (
    FEATURES,
    FULL_VGG_LAST,
    FULL_VGG_LOWER,
    FULL_VGG_UPPER,
    DenseCpm,
    FullVggDenseCpm,
    Stage,
)
from openpose_py.networks.layers import STEM, Layer
from openpose_py.networks.vgg_cpm import VggCpm

INPUT, OUTPUT = "image", "net_output"
CONVOLUTION, POOLING, CONCAT, RELU, PRELU = "Convolution", "Pooling", "Concat", "ReLU", "PReLU"
POOL = 2  # kernel and stride of every pooling


class CaffeLayer(NamedTuple):
    """kernel, width: of a convolution, else 0."""

    name: str
    kind: str
    bottoms: tuple[str, ...]
    top: str
    kernel: int = 0
    width: int = 0


def caffe_layers(network: nn.Module) -> list[CaffeLayer]:
    """In an order in which they can run; the first reads INPUT, the last writes OUTPUT."""
    graph = _Graph()
    if isinstance(network, DenseCpm):
        _dense(graph, network)
    elif isinstance(network, VggCpm):
        _vgg(graph, network)
    else:
        raise UsageError("Caffe has no layers for this network", where="export",
                         hint="the networks of OpenPose can be written, others not")  # fmt: skip
    return graph.layers


class _Graph:
    """Blobs are known by their names, as in Caffe."""

    def __init__(self) -> None:
        self.layers: list[CaffeLayer] = []

    def chain(self, layers: Sequence[Layer], blob: str) -> str:
        for name, kernel, width, activation in layers:
            self.layers.append(CaffeLayer(name, CONVOLUTION, (blob,), name, kernel, width))
            if activation != "none":
                kind = PRELU if activation == "prelu" else RELU
                short = name.replace("conv", activation)
                self.layers.append(CaffeLayer(short, kind, (name,), name))
            blob = name
        return blob

    def stem(self) -> str:
        blob = INPUT
        for number, block in enumerate(STEM, start=1):
            before, blob = self.chain(block, blob), f"pool{number}_stage1"
            self.layers.append(CaffeLayer(blob, POOLING, (before,), blob))
        return blob

    def concat(self, name: str, blobs: Sequence[str], top: str = "") -> str:
        self.layers.append(CaffeLayer(name, CONCAT, tuple(blobs), top or name))
        return top or name

    def dense_block(self, block: tuple[Layer, ...], blob: str) -> str:
        blobs = []
        for layer in block:
            blob = self.chain((layer,), blob)
            blobs.append(blob)
        return self.concat(f"{block[0].name.removesuffix('_0')}_concat", blobs)

    def stage(self, stage: Stage, blob: str) -> str:
        for block in stage.blocks:
            blob = self.dense_block(block, blob)
        return self.chain(stage.head, blob)


def _dense(graph: _Graph, network: DenseCpm) -> None:
    stem = graph.stem()
    full = isinstance(network, FullVggDenseCpm)
    features = _full_vgg(graph, network, stem) if full else graph.chain(FEATURES, stem)
    seen, heat, field = features, "", ""
    for number, stage in enumerate(network.paf_stages):
        if number:
            seen = graph.concat(f"concat_stage{number}_L2", [features, field])
        field = graph.stage(stage, seen)
    for number, stage in enumerate(network.heat_stages):
        blobs = [features, heat, field] if number else [features, field]
        heat = graph.stage(stage, graph.concat(f"concat_stage{number}_L1", blobs))
    graph.concat(OUTPUT, [heat, field])


def _full_vgg(graph: _Graph, network: DenseCpm, stem: str) -> str:
    lower = graph.chain(FULL_VGG_LOWER, stem)
    blobs = [graph.chain(FULL_VGG_UPPER, lower)]
    for block in FullVggDenseCpm.blocks:
        blobs.append(graph.dense_block(block, blobs[-1]))
    name = f"{FULL_VGG_LAST[0].name}_concat"
    return graph.chain(FULL_VGG_LAST, graph.concat(name, [lower, blobs[0], blobs[3], blobs[6]]))


def _vgg(graph: _Graph, network: VggCpm) -> None:
    features = graph.chain(network.feature_layers, graph.stem())
    seen, maps = features, list[str]()
    for number, stage in enumerate(network.stages, start=1):
        if number > 1:
            seen = graph.concat(f"concat_stage{number}", [*maps, features])
        maps = [graph.chain(branch, seen) for branch in stage]
    if len(maps) > 1:
        graph.concat("concat_stage7", maps[::-1], OUTPUT)
    else:
        graph.layers[-1] = graph.layers[-1]._replace(top=OUTPUT)
