"""Weights made by hand, with which a network copies drawn maps through.

The picture is a grid of flat 8x8 blocks; a block's blue value is a code, and the network's output
cell is the vector that stands for that code. All convolutions use their centre tap only. Channel 0
carries x = code / 256 up to the last stage of each output. There, units u[k] = relu(x - k / 256)
make a little roof over every code, relu(u[k - 1] - 2 u[k] + u[k + 1]): 1 / 256 at code k, zero at
every other. The output layer weighs the roofs, so that one term at most is not zero.
"""

import functools
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from drawn.make_caffemodel import caffemodel_bytes

from openpose_py.networks import NETWORKS
from openpose_py.weights.load import wanted_shapes

BLOCK = 8  # pixels a side, the networks' stride
Shapes = dict[str, list[tuple[int, ...]]]


class Head(NamedTuple):
    """The layers behind one part of the output: units, roofs, output."""

    units: tuple[str, ...]
    roofs: str
    output: str


def _dense(stage: str, blocks: int) -> Head:
    last = f"Mconv{blocks}_{stage}"
    names = [f"Mconv{n}_{stage}" for n in (blocks + 1, blocks + 2)]
    return Head((f"{last}_0", f"{last}_1"), *names)


def _plain(stage: str) -> Head:
    return Head((f"Mconv5_{stage}",), f"Mconv6_{stage}", f"Mconv7_{stage}")


# In the order of the output channels: heat maps, part affinity fields.
HEADS = {
    "body_25": (_dense("stage1_L1", 5), _dense("stage3_L2", 5)),
    "body_25b_option1": (_dense("stage0_L1", 9), _dense("stage0_L2", 9)),
    "body_25b_option2": (_dense("stage0_L1", 5), _dense("stage4_L2", 5)),
    "body_135": (_dense("stage0_L1", 5), _dense("stage3_L2", 8)),
    "coco": (_plain("stage6_L2"), _plain("stage6_L1")),
    "mpi": (_plain("stage6_L2"), _plain("stage6_L1")),
    "mpi_4_layers": (_plain("stage4_L2"), _plain("stage4_L1")),
    "face": (_plain("stage6"),),
    "hand": (_plain("stage6"),),
}


@functools.cache
def most_codes(network: str) -> int:
    """The largest code that the network can tell apart: 126, or 250 where it is wide enough."""
    shapes = _shapes(network)
    units = min(sum(shapes[name][0][0] for name in head.units) for head in HEADS[network])
    return min(units - 2, 250)


def copying_weights(network: str, vectors: np.ndarray) -> dict[str, list[np.ndarray]]:
    """vectors: (codes + 1, channels), what comes out for code 0, 1, ... -> layer name to blobs."""
    codes = len(vectors) - 1
    if codes > most_codes(network):
        raise ValueError(f"{network} can copy {most_codes(network)} codes, not {codes}")
    shapes = _shapes(network)
    layers = {name: [np.zeros(shape, np.float32) for shape in shapes[name]] for name in shapes}
    heads = HEADS[network]
    maps = sum(shapes[head.output][0][0] for head in heads)
    if vectors.shape[1] != maps:
        raise ValueError(f"{network} has {maps} channels, not {vectors.shape[1]}")
    for name, blobs in layers.items():
        if blobs[0].ndim == 4:
            _centre(blobs[0])[0, _carrier(network, name, maps)] = 1
    layers["conv1_1"][1][0] = 0.5
    first = 0
    for head in heads:
        channels = shapes[head.output][0][0]
        _fill_head(layers, head, vectors[:, first : first + channels])
        first += channels
    return layers


def write_copying_caffemodel(path: Path, network: str, vectors: np.ndarray) -> None:
    path.write_bytes(caffemodel_bytes(copying_weights(network, vectors)))


def coded_picture(codes: np.ndarray) -> np.ndarray:
    """codes: (rows, columns) -> picture uint8 (rows * 8, columns * 8, 3), B G R."""
    picture = np.zeros((*codes.shape, 3), np.uint8)
    picture[..., 0] = codes
    return picture.repeat(BLOCK, axis=0).repeat(BLOCK, axis=1)


def _shapes(network: str) -> Shapes:
    with torch.device("meta"):
        return wanted_shapes(NETWORKS[network]())


def _carrier(network: str, layer: str, maps: int) -> int:
    """The input channel with x: the older networks put the earlier maps before the features."""
    after_maps = layer.startswith("Mconv1_stage") and not network.startswith("body")
    return maps if after_maps else 0


def _centre(weight: np.ndarray) -> np.ndarray:
    """weight: (out, in, height, width) -> its centre taps (out, in), a view."""
    return weight[:, :, weight.shape[2] // 2, weight.shape[3] // 2]


def _fill_head(layers: dict[str, list[np.ndarray]], head: Head, vectors: np.ndarray) -> None:
    """vectors: (codes + 1, channels of this head)."""
    codes = len(vectors) - 1
    made = 0
    for name in head.units:
        weight, bias = layers[name]
        _centre(weight)[:, 0] = 1
        bias[:] = -np.arange(made, made + len(bias)) / 256
        made += len(bias)
    weight, bias = layers[head.roofs]
    roofs = _centre(weight)
    roofs[0, 0] = 0
    code = np.arange(1, codes + 1)
    roofs[code - 1, code - 1], roofs[code - 1, code], roofs[code - 1, code + 1] = 1, -2, 1
    weight, bias = layers[head.output]
    _centre(weight)[:] = 0
    _centre(weight)[:, :codes] = 256 * (vectors[1:] - vectors[0]).T
    bias[:] = vectors[0]
