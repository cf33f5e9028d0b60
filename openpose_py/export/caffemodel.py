"""Writes `.caffemodel` and `.prototxt`, so that weights trained here run in the original OpenPose.

Field numbers: Caffe's src/caffe/proto/caffe.proto.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from torch import nn

from openpose_py.errors import OutputError
from openpose_py.export.caffe_graph import (
    CONCAT,
    CONVOLUTION,
    INPUT,
    POOL,
    POOLING,
    PRELU,
    CaffeLayer,
    caffe_layers,
)

NET_NAME, NET_LAYER = 1, 100
NAME, TYPE, BOTTOM, TOP, BLOBS = 1, 2, 3, 4, 7
BLOB_DATA, BLOB_SHAPE, SHAPE_DIM = 5, 7, 1
CONCAT_PARAM, CONVOLUTION_PARAM, POOLING_PARAM, PRELU_PARAM = 104, 106, 121, 131
NUM_OUTPUT, PAD, KERNEL_SIZE = 1, 3, 4  # of ConvolutionParameter
POOL_KERNEL, POOL_STRIDE = 2, 3
CONCAT_AXIS = 2
SMALLEST_SIDE = 16  # of the input in a description; OpenPose sets its own
TITLE = "written by openpose-py"


def write_caffemodel(network: nn.Module, path: Path) -> Path:
    """Writes the weights to `path` and the description beside it; returns the description's path.

    network: one of OpenPose's, with float32 weights.
    """
    layers = caffe_layers(network)
    description = path.with_suffix(".prototxt")
    _write(path, caffemodel_bytes(network, layers))
    _write(description, prototxt_text(layers).encode())
    return description


def caffemodel_bytes(network: nn.Module, layers: list[CaffeLayer]) -> Iterator[bytes]:
    """One serialised NetParameter, layer by layer."""
    table = network.state_dict()
    yield _text(NET_NAME, TITLE)
    for layer in layers:
        keys = (f"{layer.name}.{blob}" for blob in ("weight", "bias"))
        blobs = [table[key].detach().cpu().float().numpy() for key in keys if key in table]
        yield _message(NET_LAYER, b"".join(_layer_parts(layer, blobs)))


def prototxt_text(layers: list[CaffeLayer], height: int = SMALLEST_SIDE, width: int = 16) -> str:
    """The description for an input of this size."""
    lines = [f'name: "{TITLE}"', f'input: "{INPUT}"']
    lines += [f"input_dim: {side}" for side in (1, 3, height, width)]
    for layer in layers:
        lines += ["layer {", f'  name: "{layer.name}"', f'  type: "{layer.kind}"']
        lines += [f'  bottom: "{bottom}"' for bottom in layer.bottoms]
        lines += [f'  top: "{layer.top}"', *_parameter_text(layer), "}"]
    return "\n".join(lines) + "\n"


def _parameter_text(layer: CaffeLayer) -> list[str]:
    if layer.kind == CONVOLUTION:
        sizes = f"num_output: {layer.width} pad: {layer.kernel // 2} kernel_size: {layer.kernel}"
        return [f"  convolution_param {{ {sizes} }}"]
    if layer.kind == POOLING:
        return [f"  pooling_param {{ pool: MAX kernel_size: {POOL} stride: {POOL} }}"]
    if layer.kind == CONCAT:
        return ["  concat_param { axis: 1 }"]
    return []


def _layer_parts(layer: CaffeLayer, blobs: list[np.ndarray]) -> Iterator[bytes]:
    yield _text(NAME, layer.name)
    yield _text(TYPE, layer.kind)
    for bottom in layer.bottoms:
        yield _text(BOTTOM, bottom)
    yield _text(TOP, layer.top)
    for blob in blobs:
        yield _message(BLOBS, _blob(blob))
    yield _parameter(layer)


def _blob(values: np.ndarray) -> bytes:
    shape = b"".join(_varint(side) for side in values.shape)
    data = np.ascontiguousarray(values, "<f4").tobytes()
    return _message(BLOB_DATA, data) + _message(BLOB_SHAPE, _message(SHAPE_DIM, shape))


def _parameter(layer: CaffeLayer) -> bytes:
    if layer.kind == CONVOLUTION:
        numbers = ((NUM_OUTPUT, layer.width), (PAD, layer.kernel // 2), (KERNEL_SIZE, layer.kernel))
        return _message(CONVOLUTION_PARAM, b"".join(_number(*pair) for pair in numbers))
    if layer.kind == POOLING:
        sizes = _number(POOL_KERNEL, POOL) + _number(POOL_STRIDE, POOL)
        return _message(POOLING_PARAM, sizes)
    if layer.kind == CONCAT:
        return _message(CONCAT_PARAM, _number(CONCAT_AXIS, 1))
    return _message(PRELU_PARAM, b"") if layer.kind == PRELU else b""


def _varint(number: int) -> bytes:
    parts = bytearray()
    while number > 0x7F:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*parts, number])


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _message(field: int, payload: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(payload)) + payload


def _text(field: int, text: str) -> bytes:
    return _message(field, text.encode())


def _write(path: Path, chunks: bytes | Iterator[bytes]) -> None:
    """Whole or not at all."""
    partial = path.with_name(f"{path.name}.partial")
    try:
        with partial.open("wb") as file:
            for chunk in [chunks] if isinstance(chunks, bytes) else chunks:
                file.write(chunk)
        os.replace(partial, path)
    except OSError as problem:
        partial.unlink(missing_ok=True)
        raise OutputError(f"cannot be written: {problem.strerror}", where=str(path)) from problem
