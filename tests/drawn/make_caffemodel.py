"""Writes weight files with seeded weights for the layer tables under golden/nets.

The same seed gives the same bytes on every machine: the frozen stream of numpy's RandomState, used
through random_sample(), then only exact operations and one rounding to float32. The golden outputs
were made with these weights, so their sha256 must match.
"""

import json
import struct
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

NETS = Path(__file__).parents[1] / "golden" / "nets"
Table = dict[str, Any]
Layers = Mapping[str, Sequence[np.ndarray]]

GAINS = {"ReLU": 6.0, "PReLU": 5.5, "": 1.5}  # a weight's bound is sqrt(gain / fan in)
LAYER_PARAMETER = {"Concat": 104, "Convolution": 106, "Dropout": 108, "Pooling": 121, "PReLU": 131}
V1_PARAMETER = {"Concat": 9, "Convolution": 10, "Dropout": 12, "Pooling": 19}
V1_TYPE = {"Concat": 3, "Convolution": 4, "Dropout": 6, "Pooling": 17, "ReLU": 18}


def read_table(path: Path) -> Table:
    table: Table = json.loads(path.read_text(encoding="utf-8"))
    return table


def network_table(network: str) -> Table:
    return read_table(NETS / "tables" / f"net_{network}.json")


def seeded_weights(table: Table, seed: int) -> dict[str, list[np.ndarray]]:
    """Layer name -> [weight, bias] of a convolution or [slope] of a PReLU, float32."""
    activations = {
        layer["bottoms"][0]: layer["type"]
        for layer in table["layers"]
        if layer["type"] in ("ReLU", "PReLU")
    }
    weights = {}
    for layer in table["layers"]:
        name, shapes = layer["name"], layer.get("params", [])
        if layer["type"] == "Convolution":
            gain = GAINS[activations.get(layer["tops"][0], "")]
            bound = float(np.sqrt(np.float64(gain) / np.float64(np.prod(shapes[0][1:]))))
            limits = [(-bound, bound), (-0.1, 0.1)]
        else:
            limits = [(-0.1, 0.5)]
        arrays = [_uniform(seed, name, n, shape, *limits[n]) for n, shape in enumerate(shapes)]
        if arrays:
            weights[name] = arrays
    return weights


def _uniform(
    seed: int, name: str, number: int, shape: Sequence[int], low: float, high: float
) -> np.ndarray:
    stream = np.random.RandomState([seed, zlib.crc32(name.encode()), number])
    values = stream.random_sample(int(np.prod(shape)))
    return (low + (high - low) * values).astype(np.float32).reshape(shape)


def seeded_input(seed: int, height: int, width: int) -> np.ndarray:
    """float32 (1, 3, height, width): whole values 0..255, normalised as for the network."""
    stream = np.random.RandomState([seed, 0x696E7074])
    values = np.floor(stream.random_sample(3 * height * width) * 256.0)
    return (values / 256.0 - 0.5).astype(np.float32).reshape(1, 3, height, width)


def table_bytes(table: Table, weights: Layers, v1: bool = False, **blob_kind: str) -> bytes:
    """A whole file with every layer of `table`; byte for byte the one behind the golden outputs."""
    parts = [text(1, table.get("net_name") or table["model"])]
    for layer in table["layers"]:
        blobs = [blob(array, **blob_kind) for array in weights.get(layer["name"], [])]
        parts.append(_v1_layer(layer, blobs) if v1 else _layer(layer, blobs))
    return b"".join(parts)


def caffemodel_bytes(layers: Layers, v1: bool = False, **blob_kind: str) -> bytes:
    """A file that holds nothing but these layers and their blobs."""
    parts = []
    for name, arrays in layers.items():
        blobs = [blob(array, **blob_kind) for array in arrays]
        bare = {"name": name, "type": "", "bottoms": (), "tops": ()}
        parts.append(_v1_layer(bare, blobs) if v1 else _layer(bare, blobs))
    return b"".join(parts)


def _layer(layer: Mapping[str, Any], blobs: Sequence[bytes]) -> bytes:
    body = text(1, layer["name"]) + (text(2, layer["type"]) if layer["type"] else b"")
    body += b"".join(text(3, bottom) for bottom in layer["bottoms"])
    body += b"".join(text(4, top) for top in layer["tops"])
    body += b"".join(message(7, one) for one in blobs)
    return message(100, body + _parameter(layer, LAYER_PARAMETER))


def _v1_layer(layer: Mapping[str, Any], blobs: Sequence[bytes]) -> bytes:
    body = b"".join(text(2, bottom) for bottom in layer["bottoms"])
    body += b"".join(text(3, top) for top in layer["tops"])
    body += text(4, layer["name"])
    body += number(5, V1_TYPE[layer["type"]]) if layer["type"] else b""
    body += b"".join(message(6, one) for one in blobs)
    return message(2, body + _parameter(layer, V1_PARAMETER))


def _parameter(layer: Mapping[str, Any], fields: Mapping[str, int]) -> bytes:
    """The message of the layer's own kind; only what the nine networks need."""
    kind = layer["type"]
    if kind == "Convolution":
        body = number(1, layer["out"]) + number(3, layer["pad"]) + number(4, layer["kernel"])
    elif kind == "Pooling":
        body = number(1, 0) + number(2, layer["kernel"]) + number(3, layer["stride"])
    elif kind == "Concat":
        body = number(2, layer["axis"])
    elif kind == "Dropout":
        body = varint(1 << 3 | 5) + struct.pack("<f", layer["ratio"])
    else:
        return b""
    return message(fields[kind], body)


def blob(array: np.ndarray, shape: str = "dims", data: str = "packed") -> bytes:
    """shape: "dims" (BlobShape) or "nchw" (old fields); data: "packed", "unpacked" or "double"."""
    body = b""
    if shape == "nchw":
        sides = (1,) * (4 - array.ndim) + array.shape
        body += b"".join(number(field, side) for field, side in enumerate(sides, start=1))
    if data == "unpacked":
        records = np.empty(array.size, dtype=[("key", "u1"), ("value", "<f4")])
        records["key"], records["value"] = 5 << 3 | 5, array.ravel()
        body += records.tobytes()
    elif data == "double":
        body += message(8, array.astype("<f8").tobytes())
    else:
        body += message(5, array.astype("<f4").tobytes())
    if shape == "dims":
        body += message(7, message(1, b"".join(varint(side) for side in array.shape)))
    return body


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def number(field: int, value: int) -> bytes:
    return varint(field << 3) + varint(value)


def message(field: int, body: bytes) -> bytes:
    return varint(field << 3 | 2) + varint(len(body)) + body


def text(field: int, value: str) -> bytes:
    return message(field, value.encode())


def prototxt(table: Table, height: int, width: int) -> str:
    """The network of `table` as Caffe describes it, for one picture of this size."""
    lines = ['input: "image"', *(f"input_dim: {side}" for side in (1, 3, height, width))]
    for layer in table["layers"]:
        kind = layer["type"]
        ends = [f'bottom: "{name}"' for name in layer["bottoms"]]
        ends += [f'top: "{name}"' for name in layer["tops"]]
        if kind == "Convolution":
            sizes = f"num_output: {layer['out']} pad: {layer['pad']} kernel_size: {layer['kernel']}"
            ends.append(f"convolution_param {{ {sizes} }}")
        elif kind == "Pooling":
            ends.append("pooling_param { pool: MAX kernel_size: 2 stride: 2 }")
        lines.append(f'layer {{ name: "{layer["name"]}" type: "{kind}" {" ".join(ends)} }}')
    return "\n".join(lines) + "\n"
