"""Reads OpenVINO's IR, versions 10 and 11: a network description (`.xml`) and its weights (`.bin`).

Weights may be float32, float16, or 8-bit integers with zero points and scales; what is behind them
is folded away, so that a layer is a convolution and its bias whatever the precision.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple
from xml.parsers import expat

import numpy as np

from openpose_py.errors import ModelFileError
from openpose_py.weights.files import map_bytes

MAX_XML = 16 * 2**20  # bytes; of human-pose-estimation-0001: 0.4
MAX_ELEMENTS = 200_000
MAX_DEPTH = 10  # operations between a constant and the convolution that it is for
MAX_AXES = 5
MAX_NUMBERS = 200  # characters of a list of whole numbers
VERSIONS = ("10", "11")
DTYPES = {"f32": "<f4", "f16": "<f2", "i8": "<i1", "u8": "<u1", "i32": "<i4", "i64": "<i8"}
CONVOLUTIONS = ("Convolution", "GroupConvolution")
NO_BIASES = "/WithoutBiases"  # ends the names of convolutions whose bias is an operation behind
GET_AGAIN = "the file is damaged, or is no IR of OpenVINO: get .xml and .bin again"
INPUT = "data"  # the layer that is made of the scale and shift of the input


class Operation(NamedTuple):
    """attributes: of its `data` element, as written."""

    name: str
    kind: str
    attributes: Mapping[str, str]


@dataclass
class Ir:
    """operations: by their id. sources: (id, input port) -> id of the operation it comes from.
    users: id -> ids of the operations that have it as their first input."""

    where: str
    weights: memoryview
    operations: dict[str, Operation] = field(default_factory=dict)
    sources: dict[tuple[str, str], str] = field(default_factory=dict)
    users: dict[str, list[str]] = field(default_factory=dict)

    def behind(self, number: str, kind: str) -> str:
        """The operation of `kind` whose first input is `number`, or an empty text."""
        users = (to for to in self.users.get(number, []) if self.operations[to].kind == kind)
        return next(users, "")

    def wrong(self, what: str) -> ModelFileError:
        return ModelFileError(what, where=self.where, hint=GET_AGAIN)


def read_ir_layers(path: Path) -> dict[str, list[np.ndarray]]:
    """Layer name -> [weight, bias], float32, finite. path: the `.xml`.

    weight: (out, in, kernel height, kernel width), a depthwise one (channels, 1, height, width).
    Where a convolution has no bias it is zero: some precisions of a network have it, others not.
    A scale and shift of the input is the layer "data", a 1x1 depthwise convolution.
    """
    ir = read_ir(path)
    reader = _Constants(ir, 2 * len(ir.weights))
    layers = _input_layer(ir, reader)
    with np.errstate(all="ignore"):
        for number, operation in ir.operations.items():
            if operation.kind in CONVOLUTIONS:
                name = operation.name.removesuffix(NO_BIASES)
                if name in layers:
                    raise ir.wrong(f"holds layer {name!r} twice")
                layers[name] = _layer(ir, reader, number)
    if not layers:
        raise ir.wrong("holds no convolution")
    for name, blobs in layers.items():
        if not all(np.isfinite(blob).all() for blob in blobs):
            raise ir.wrong(f"{name!r} has values that are not finite")
    return layers


def read_ir(path: Path) -> Ir:
    """The operations of `path` and the bytes of the `.bin` beside it."""
    try:
        text = b"" if path.stat().st_size > MAX_XML else path.read_bytes()
    except OSError as problem:
        raise ModelFileError(f"cannot be read: {problem.strerror}", where=str(path)) from problem
    if not text:
        raise ModelFileError("is empty or too large for a description", where=str(path))
    binary = path.with_suffix(".bin")
    if not binary.is_file():
        what = f"has no {binary.name} beside it, which holds the weights"
        raise ModelFileError(what, where=str(path), hint="get both files of the IR")
    ir = Ir(str(path), map_bytes(binary))
    _parse(ir, text)
    return ir


def _parse(ir: Ir, text: bytes) -> None:
    parser = expat.ParserCreate("utf-8")
    elements = _Elements(ir)
    parser.StartElementHandler = elements.start
    parser.StartDoctypeDeclHandler = elements.refuse_doctype
    try:
        parser.Parse(text, True)
    except expat.ExpatError as problem:
        raise ir.wrong(f"is no XML: {problem}") from problem
    for (to, port), of in ir.sources.items():
        if to not in ir.operations or of not in ir.operations:
            raise ir.wrong("has an edge of a layer that is not there")
        if port == "0":
            ir.users.setdefault(of, []).append(to)


class _Elements:
    """Fills an `Ir` from the elements of the file as they come."""

    def __init__(self, ir: Ir) -> None:
        self.ir, self.count, self.last = ir, 0, ""

    def refuse_doctype(self, *_: object) -> None:
        raise self.ir.wrong("has a document type, which no IR has")

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.count += 1
        if self.count == 1 and (tag != "net" or attributes.get("version") not in VERSIONS):
            raise self.ir.wrong(f"is no IR of version {' or '.join(VERSIONS)}")
        if self.count > MAX_ELEMENTS:
            raise self.ir.wrong("has more elements than a network can need")
        try:
            if tag == "layer":
                self.last = attributes["id"]
                if self.last in self.ir.operations:
                    raise self.ir.wrong(f"has two layers with the id {self.last[:20]!r}")
                operation = Operation(attributes["name"][:200], attributes["type"], {})
                self.ir.operations[self.last] = operation
            elif tag == "data" and self.last:
                last = self.ir.operations[self.last]
                self.ir.operations[self.last] = last._replace(attributes=attributes)
            elif tag == "edge":
                to = attributes["to-layer"], attributes["to-port"]
                self.ir.sources[to] = attributes["from-layer"]
        except KeyError as problem:
            raise self.ir.wrong(f"has a {tag} without {problem}") from problem


class _Constants:
    """Values of constants and of what is computed from constants alone.

    budget: how many bytes of constants may be read, because many can name the same bytes.
    """

    def __init__(self, ir: Ir, budget: int) -> None:
        self.ir, self.left = ir, budget

    def value(self, number: str, depth: int = 0) -> np.ndarray | None:
        """Of operation `number`; None if it depends on the network's input."""
        operation = self.ir.operations.get(number)
        if operation is None or depth > MAX_DEPTH:
            return None
        if operation.kind == "Const":
            return self._stored(operation)
        if operation.kind not in ("Convert", "Reshape", "Subtract", "Multiply", "FakeQuantize"):
            return None
        first = self.value(self.ir.sources.get((number, "0"), ""), depth + 1)
        if first is None or operation.kind == "Convert":
            return None if first is None else first.astype(np.float32)
        if operation.kind == "Reshape":
            return self._reshaped(operation, first, self.plain(number, 1))
        if operation.kind == "FakeQuantize":
            return self._quantised(
                operation, first, [self.plain(number, port) for port in range(1, 5)]
            )
        return self._combined(operation, first, self.plain(number, 1))

    def plain(self, number: str, port: int) -> np.ndarray | None:
        """What comes in at `port` if it is a constant, perhaps in another type."""
        source = self.ir.sources.get((number, str(port)), "")
        operation = self.ir.operations.get(source)
        if operation is not None and operation.kind == "Convert":
            operation = self.ir.operations.get(self.ir.sources.get((source, "0"), ""))
        return self._stored(operation) if operation and operation.kind == "Const" else None

    def _stored(self, operation: Operation) -> np.ndarray:
        dtype = DTYPES.get(operation.attributes.get("element_type", ""))
        sides, start, size = (
            self.whole_numbers(operation, key) for key in ("shape", "offset", "size")
        )
        if dtype is None or len(sides) > MAX_AXES or len(start) != 1 or len(size) != 1:
            raise self._wrong(operation, "is stored in no known way")
        if math.prod(sides) * np.dtype(dtype).itemsize != size[0]:
            raise self._wrong(operation, f"has {size[0]} bytes for shape {sides}")
        self.left -= size[0]
        stop = start[0] + size[0]
        if stop > len(self.ir.weights) or self.left < 0:
            raise self._wrong(operation, "tells of more bytes than the .bin has")
        return np.frombuffer(self.ir.weights[start[0] : stop], dtype).reshape(sides)

    def whole_numbers(self, operation: Operation, key: str) -> tuple[int, ...]:
        written = operation.attributes.get(key, "")
        words = [word.strip() for word in written.split(",")] if written else []
        if len(written) > MAX_NUMBERS or not all(word.isdecimal() for word in words):
            raise self._wrong(operation, f"has {key} {written[:40]!r}")
        return tuple(map(int, words))

    def _combined(
        self, operation: Operation, first: np.ndarray, stored: np.ndarray | None
    ) -> np.ndarray:
        """Rounded to half precision where the description computes in it: it shows in the maps."""
        second = self._like(operation, first, stored)
        combine = np.subtract if operation.kind == "Subtract" else np.multiply
        result = np.asarray(combine(first, second, dtype=np.float32))
        is_half = stored is not None and stored.dtype == np.float16
        return result.astype(np.float16).astype(np.float32) if is_half else result

    def _reshaped(
        self, operation: Operation, first: np.ndarray, sides: np.ndarray | None
    ) -> np.ndarray:
        if sides is None or sides.size > MAX_AXES or sides.dtype.kind != "i":
            raise self._wrong(operation, "has no shape")
        try:
            return first.reshape([int(side) for side in sides.ravel()])
        except ValueError as problem:
            raise self._wrong(operation, f"has a shape unlike {first.shape}") from problem

    def _quantised(
        self, operation: Operation, first: np.ndarray, limits: list[np.ndarray | None]
    ) -> np.ndarray:
        levels = self.whole_numbers(operation, "levels")
        if len(levels) != 1 or levels[0] < 2:
            raise self._wrong(operation, "has no levels")
        low, high, out_low, out_high = (self._like(operation, first, one) for one in limits)
        steps = np.float32(levels[0] - 1)
        bounded = np.clip(first.astype(np.float32), np.minimum(low, high), np.maximum(low, high))
        step = np.rint((bounded - low) / (high - low) * steps)
        return (step / steps * (out_high - out_low) + out_low).astype(np.float32)

    def _like(
        self, operation: Operation, first: np.ndarray, other: np.ndarray | None
    ) -> np.ndarray:
        """`other` as float32, of a shape that leaves that of `first` as it is."""
        if other is None:
            raise self._wrong(operation, "is joined with something that is not constant")
        pairs = zip(other.shape[::-1], first.shape[::-1], strict=False)
        if other.ndim > first.ndim or any(side not in (1, whole) for side, whole in pairs):
            raise self._wrong(operation, f"joins shapes {first.shape} and {other.shape}")
        return other.astype(np.float32)

    def _wrong(self, operation: Operation, what: str) -> ModelFileError:
        return self.ir.wrong(f"layer {operation.name!r} {what}")


def _input_layer(ir: Ir, reader: _Constants) -> dict[str, list[np.ndarray]]:
    """The scale and shift right behind the network's input, if it has both."""
    source = next((n for n, one in ir.operations.items() if one.kind == "Parameter"), "")
    multiply = ir.behind(source, "Multiply")
    add = ir.behind(multiply, "Add")
    if not add:
        return {}
    scale, shift = (reader.plain(one, 1) for one in (multiply, add))
    if scale is None or shift is None or {scale.size, shift.size} - {1, 3}:
        raise ir.wrong("has an input that is scaled in no known way")
    weight = np.broadcast_to(scale.astype(np.float32).reshape(-1, 1, 1, 1), (3, 1, 1, 1))
    return {INPUT: [weight.copy(), np.broadcast_to(shift.ravel(), 3).astype(np.float32)]}


def _layer(ir: Ir, reader: _Constants, number: str) -> list[np.ndarray]:
    operation = ir.operations[number]
    stored = reader.value(ir.sources.get((number, "1"), ""))
    axes = 4 if operation.kind == "Convolution" else 5
    if stored is None or stored.ndim != axes or not stored.size:
        raise ir.wrong(f"layer {operation.name!r} has no weights")
    begin, end = (reader.whole_numbers(operation, f"pads_{one}") for one in ("begin", "end"))
    if begin != end or operation.attributes.get("auto_pad", "explicit") != "explicit":
        raise ir.wrong(f"layer {operation.name!r} is padded in no known way")
    weight = stored.reshape(-1, *stored.shape[-3:]).astype(np.float32)
    add = ir.behind(number, "Add")
    bias = reader.plain(add, 1)
    if bias is None:
        return [weight, np.zeros(len(weight), np.float32)]
    if bias.size != len(weight):
        raise ir.wrong(f"layer {operation.name!r} has {bias.size} biases for {len(weight)}")
    return [weight, bias.ravel().astype(np.float32)]
