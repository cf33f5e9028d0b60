"""Reads `.npy` files of tf-pose: a table of layers that Python 2's numpy.save pickled.

Nothing is called: `tensor_pickle` tells what a usual reader would call, and only arrays of numbers
are made of it.
"""

import itertools
import math
import pickle
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from openpose_py.errors import ModelFileError
from openpose_py.weights.files import NUMPY, map_bytes, read_head
from openpose_py.weights.tensor_pickle import PROTOCOL, Call, read_pickle
from openpose_py.weights.tf_variables import AXES, layers_of_variables

HEADS = {1: "<H", 2: "<I"}  # how the header's length is written, by the format's version
MAX_HEADER = 10_000
OBJECTS = (b"'O'", b"'|O'")  # what the header calls an array of objects
START = bytes([0x80, PROTOCOL])
MAX_AXES, MAX_SIDE = 8, 2**31 - 1
RECONSTRUCT = ("numpy.core.multiarray _reconstruct", "numpy._core.multiarray _reconstruct")
DTYPE = "numpy dtype"
DTYPES = ("f4", "f8", "f2", "i4", "i8")
NORM = "/BatchNorm"
OUTPUT = ":0"  # ends the names of TensorFlow's variables
BROKEN = (
    *(ArithmeticError, AttributeError, EOFError, LookupError, MemoryError, RuntimeError),
    *(TypeError, ValueError, pickle.PickleError, struct.error),
)
GET_AGAIN = "the file is damaged or is no weight file of tf-pose: get it again"


def read_numpy_layers(path: Path) -> dict[str, list[np.ndarray]]:
    """Layer name -> [weight] or [weight, bias], float32, finite; see `layers_of_variables`.

    The file's table is {layer: {"weights": array, "biases": array}} or {variable: array}.
    """
    try:
        layers = _layers(path)
    except BROKEN as problem:
        raise _refused(path, "cannot be read as a table of layers") from problem
    if not layers:
        raise _refused(path, "holds no convolution with weights")
    return layers


def _layers(path: Path) -> dict[str, list[np.ndarray]]:
    """Layer after layer, so that no more than one is held twice."""
    by_layer: dict[str, dict[str, Call]] = {}
    for name, array in _arrays_named(path, _table(path)):
        layer = name.rpartition("/")[0].removesuffix(NORM)
        by_layer.setdefault(layer, {})[name] = array
    _check_total(path, by_layer)
    layers: dict[str, list[np.ndarray]] = {}
    for group in by_layer.values():
        if any(name.rpartition("/")[2] in AXES for name in group):
            variables = {name: _array(path, name, call) for name, call in group.items()}
            layers |= layers_of_variables(variables, str(path))
    return layers


def _table(path: Path) -> dict[Any, Any]:
    """The dictionary that is the array's only value."""
    read_head(path)
    data = map_bytes(path)
    size = HEADS.get(data[len(NUMPY)])
    if data[: len(NUMPY)] != NUMPY or size is None:
        raise _refused(path, "is no file of numpy.save")
    begin = len(NUMPY) + 2 + struct.calcsize(size)
    (length,) = struct.unpack_from(size, data, len(NUMPY) + 2)
    header = bytes(data[begin : begin + min(length, MAX_HEADER)])
    if not any(word in header for word in OBJECTS):
        raise _refused(path, "holds one array of numbers, not a table of layers")
    start = begin + length
    if data[start : start + 2] != START:
        raise _refused(path, f"is not pickled in protocol {PROTOCOL}, as by Python 2")
    found, _ = read_pickle(data, start, path)
    while isinstance(found, Call) or (isinstance(found, list) and len(found) == 1):
        found = found.state[-1] if isinstance(found, Call) else found[0]
    if not isinstance(found, dict):
        raise _refused(path, f"holds a {type(found).__name__}, not a table of layers")
    return found


def _arrays_named(path: Path, table: Mapping[Any, Any]) -> Iterator[tuple[str, Call]]:
    """Variable name and pickled array."""
    for key, value in table.items():
        rows = value.items() if isinstance(value, dict) else [("", value)]
        for kind, array in rows:
            name = f"{key}/{kind}" if kind else str(key).removesuffix(OUTPUT)
            if not isinstance(array, Call) or array.function not in RECONSTRUCT:
                what = getattr(array, "function", type(array).__name__)
                raise _refused(path, f"holds {str(what)[:80]!r} under {name!r}, not an array")
            yield name, array


def _check_total(path: Path, by_layer: Mapping[str, Mapping[str, Call]]) -> None:
    """A pickle can name the same bytes many times over; together they must fit into the file."""
    texts = (call.state[4] for group in by_layer.values() for call in group.values())
    size = path.stat().st_size
    if any(total > size for total in itertools.accumulate(map(len, texts))):
        raise _refused(path, "tells of more values than the file has")


def _array(path: Path, name: str, call: Call) -> np.ndarray:
    """state: version, shape, type, whether columns come first, raw bytes as a text."""
    _, shape, dtype, by_columns, text = call.state
    call.state = None
    if not isinstance(dtype, Call) or dtype.function != DTYPE or dtype.arguments[0] not in DTYPES:
        raise _refused(path, f"holds {name!r} as no plain numbers")
    sides = tuple(int(side) for side in shape)
    plain = np.dtype(dtype.arguments[0]).newbyteorder("<" if dtype.state[1] != ">" else ">")
    known = len(sides) <= MAX_AXES and all(0 <= side <= MAX_SIDE for side in sides)
    if not known or math.prod(sides) * plain.itemsize != len(text):
        raise _refused(path, f"has {len(text)} bytes for {name!r} of shape {sides}")
    values = np.frombuffer(text.encode("latin-1"), plain)
    return values.reshape(sides, order="F" if by_columns else "C")


def _refused(path: Path, what: str) -> ModelFileError:
    return ModelFileError(what, where=str(path), hint=GET_AGAIN)
