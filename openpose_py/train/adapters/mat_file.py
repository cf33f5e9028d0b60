"""Reads one array of numbers from a MATLAB 5 file: what joints.mat needs, no more."""

import math
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from openpose_py.errors import InputError

HEADER = 128  # bytes
MATRIX, COMPRESSED = 14, 15
TYPES = {1: "i1", 2: "u1", 3: "<i2", 4: "<u2", 5: "<i4", 6: "<u4", 7: "<f4", 9: "<f8"}


def read_mat(path: Path, name: str) -> np.ndarray:
    """The array called `name`, in MATLAB's own axis order."""
    try:
        data = path.read_bytes()[HEADER:]
        for kind, payload in _elements(data):
            if kind == COMPRESSED:
                kind, payload = next(_elements(zlib.decompress(payload)))
            if kind == MATRIX:
                found, array = _matrix(payload)
                if found == name:
                    return array
    except (OSError, ValueError, KeyError, StopIteration, struct.error, zlib.error) as problem:
        raise InputError(f"cannot be read: {problem}", where=str(path)) from problem
    raise InputError(f"holds no array {name!r}", where=str(path))


def _elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Type and payload of one element after the other; small ones have both in eight bytes."""
    at = 0
    while at + 8 <= len(data):
        kind, size = struct.unpack_from("<II", data, at)
        if kind >> 16:
            yield kind & 0xFFFF, data[at + 4 : at + 4 + (kind >> 16)]
            at += 8
        else:
            yield kind, data[at + 8 : at + 8 + size]
            at += 8 + size + (0 if kind == COMPRESSED else -size % 8)


def _matrix(payload: bytes) -> tuple[str, np.ndarray]:
    """Flags, shape, name and values follow each other."""
    _, (_, shape), (_, name), (kind, values), *_ = _elements(payload)
    sides = np.frombuffer(shape, "<i4").tolist()
    numbers = np.frombuffer(values, TYPES[kind], count=math.prod(sides))
    return name.decode("latin-1"), numbers.reshape(sides, order="F")
