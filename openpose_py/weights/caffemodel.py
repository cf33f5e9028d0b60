"""Reads `.caffemodel` files: one serialised NetParameter of Caffe, in any of its three ages.

Field numbers: Caffe's src/caffe/proto/caffe.proto.
"""

import math
from pathlib import Path

import numpy as np

from openpose_py.errors import ModelFileError
from openpose_py.weights.files import map_bytes, read_head
from openpose_py.weights.wire import BYTES, FIXED32, FIXED64, VARINT, Field, Reader, WireTypes

MAX_LAYERS = 10_000
MAX_BLOBS = 16  # of one layer; those of Caffe have at most a handful
MAX_NAME = 256  # bytes
MAX_AXES = 4
MAX_SIDE = 2**31 - 1

ONE, MANY, SUB = (VARINT,), (VARINT, BYTES), (BYTES,)
FLOATS, DOUBLES = (FIXED32, BYTES), (FIXED64, BYTES)
NET: WireTypes = {1: SUB, 2: SUB, 3: SUB, 4: MANY, 5: ONE, 6: SUB, 7: ONE, 8: SUB, 100: SUB}
LAYER: WireTypes = {
    **dict.fromkeys((1, 2, 3, 4, 6, 7, 8, 9), SUB),
    5: FLOATS,
    10: ONE,
    11: MANY,
}
V1_LAYER: WireTypes = {**dict.fromkeys((1, 2, 3, 4, 6), SUB), 5: ONE, 7: FLOATS, 8: FLOATS}
V0_LAYER: WireTypes = {1: SUB, 2: SUB, 50: SUB}
BLOB: WireTypes = {
    **dict.fromkeys((1, 2, 3, 4), ONE),
    **dict.fromkeys((5, 6), FLOATS),
    7: SUB,
    **dict.fromkeys((8, 9), DOUBLES),
}
SHAPE: WireTypes = {1: MANY}

Span = tuple[int, int]


def read_caffemodel(path: Path) -> dict[str, list[np.ndarray]]:
    """Layer name -> its blobs, float32, finite, in the order and shape of the file.

    A convolution has (out, in, kernel height, kernel width) and (out,), a PReLU (channels,). Files
    with the old four-number shapes have ones in front: (1, 1, 1, out).
    """
    read_head(path)
    reader = Reader(map_bytes(path), str(path))
    found: dict[str, list[np.ndarray]] = {}
    layers = 0
    for field in reader.fields(0, len(reader.data), NET):
        if field.number not in (2, 100):
            continue
        layers += 1
        if layers > MAX_LAYERS:
            raise reader.damaged(f"begins layer {layers}; no network has as many", field.start)
        name, spans = _layer(reader, field)
        if not spans:
            continue
        if name in found:
            raise ModelFileError(f"holds layer {name!r} twice", where=str(path))
        if len(spans) > MAX_BLOBS:
            what = f"holds {len(spans)} blobs in layer {name!r}"
            raise ModelFileError(what, where=str(path))
        found[name] = [
            _blob(reader, span, f"layer {name!r}, blob {n}") for n, span in enumerate(spans)
        ]
    if not found:
        raise ModelFileError("holds no layer with weights", where=str(path))
    return found


def _layer(reader: Reader, layer: Field) -> tuple[str, list[Span]]:
    """Its name and where its blobs lie; the name may come behind them."""
    name, spans = "", list[Span]()
    known, name_field, blob_field = (LAYER, 1, 7) if layer.number == 100 else (V1_LAYER, 4, 6)
    for field in reader.fields(layer.start, layer.stop, known):
        if field.number == name_field:
            name = reader.text(field, MAX_NAME)
        elif field.number == blob_field:
            spans.append((field.start, field.stop))
        elif field.number == 1:
            name, oldest = _oldest_layer(reader, field, name)
            spans += oldest
    return name, spans


def _oldest_layer(reader: Reader, layer: Field, name: str) -> tuple[str, list[Span]]:
    spans = []
    for field in reader.fields(layer.start, layer.stop, V0_LAYER):
        if field.number == 1:
            name = reader.text(field, MAX_NAME)
        elif field.number == 50:
            spans.append((field.start, field.stop))
    return name, spans


def _blob(reader: Reader, span: Span, label: str) -> np.ndarray:
    old_shape, shape = dict[int, int](), list[int]()
    floats, doubles = list[np.ndarray](), list[np.ndarray]()
    for field in reader.fields(*span, BLOB):
        if field.number <= 4:
            old_shape[field.number] = field.value
        elif field.number == 5:
            floats.append(reader.floats(field, "<f4"))
        elif field.number == 7:
            _read_shape(reader, field, shape)
        elif field.number == 8:
            doubles.append(reader.floats(field, "<f8"))
    if any(map(len, floats)) and any(map(len, doubles)):
        raise ModelFileError(f"{label} has its values twice", where=reader.where)
    sides = _one_shape(old_shape, shape, label, reader)
    values = _float32([chunk for chunk in doubles if len(chunk)] or floats)
    if len(values) != math.prod(sides):
        what = f"{label} has {len(values)} values but shape {sides}"
        raise ModelFileError(what, where=reader.where)
    if not np.isfinite(values).all():
        raise ModelFileError(f"{label} has values that are not finite", where=reader.where)
    return values.reshape(sides)


def _read_shape(reader: Reader, message: Field, shape: list[int]) -> None:
    for field in reader.fields(message.start, message.stop, SHAPE):
        if field.number != 1:
            continue
        for side in reader.varints(field):
            shape.append(side)
            if len(shape) > MAX_AXES:
                raise reader.damaged("has a shape of more than four axes", field.start)


def _one_shape(
    old: dict[int, int], shape: list[int], label: str, reader: Reader
) -> tuple[int, ...]:
    """The four old numbers if there are any, which a new shape must not contradict."""
    sides = [old.get(field, 0) for field in range(1, 5)] if old else shape
    if old and shape and [1] * (4 - len(shape)) + shape != sides:
        raise ModelFileError(f"{label} has two shapes, {sides} and {shape}", where=reader.where)
    if not sides or not all(1 <= side <= MAX_SIDE for side in sides):
        raise ModelFileError(f"{label} has shape {sides}", where=reader.where)
    return tuple(sides)


def _float32(chunks: list[np.ndarray]) -> np.ndarray:
    """A copy of the chunks, joined; doubles beyond float32 become infinite."""
    joined = np.empty(sum(map(len, chunks)), np.float32)
    at = 0
    with np.errstate(over="ignore"):
        for chunk in chunks:
            joined[at : at + len(chunk)] = chunk
            at += len(chunk)
    return joined
