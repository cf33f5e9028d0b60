"""What every reader of weights must do with a damaged file."""

import tracemalloc
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from openpose_py.errors import ModelFileError

Layers = Mapping[str, Sequence[np.ndarray]]


def read_damaged(read: Callable[[Path], Layers], path: Path) -> None:
    """It ends in layers of finite numbers, or in an error of one line."""
    try:
        layers = read(path)
        assert all(np.isfinite(blob).all() for blobs in layers.values() for blob in blobs)
    except ModelFileError as problem:
        assert problem.what and "\n" not in problem.what


def peak_of(read: Callable[[Path], Layers], path: Path) -> int:
    """As `read_damaged`; the bytes that reading took."""
    tracemalloc.start()
    try:
        read_damaged(read, path)
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    return peak
