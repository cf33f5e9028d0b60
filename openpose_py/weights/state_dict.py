"""Whole tables of tensors out of torch's files and safetensors, strictly into a network."""

import itertools
import pickle
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy
import torch
from torch import nn

from openpose_py.errors import ModelFileError
from openpose_py.weights.files import OLD_TORCH, ZIP, kind_of, read_head
from openpose_py.weights.tensor_pickle import GET_AGAIN, SAVE_FLAT, Call
from openpose_py.weights.torch_tables import BFLOAT16, MAX_PICKLE, NESTED, read_old, read_zip

MAX_KEYS = 20_000
PARALLEL = "module."  # in front of every key of a network that was trained on several cards
COUNTER = "num_batches_tracked"  # of norms; networks do not need it, old files lack it
BROKEN = (
    *(ArithmeticError, AttributeError, EOFError, LookupError, MemoryError, OSError),
    *(RuntimeError, TypeError, ValueError, pickle.PickleError, struct.error),
    *(zipfile.BadZipFile, safetensors.SafetensorError),
)
Shape = tuple[int, ...]


def read_state_dict(path: Path) -> dict[str, np.ndarray]:
    """Whole key -> float32 array, without the counters of norms.

    A checkpoint's `state_dict` is taken out of it, a leading `module.` is dropped.
    """
    try:
        table = _read_table(path)
        if isinstance(table.get(NESTED), dict):
            table = table[NESTED]
        return _arrays(path, table)
    except BROKEN as problem:
        raise _refused(path, "cannot be read as a table of tensors") from problem


def bare_keys(table: Mapping[str, np.ndarray], path: Path) -> dict[str, np.ndarray]:
    """`layer.weight` or `layer.bias` -> array: what stands before the layer is dropped."""
    found: dict[str, np.ndarray] = {}
    for key, array in table.items():
        name = ".".join(key.split(".")[-2:])
        if name in found:
            raise ModelFileError(f"holds {name!r} twice", where=str(path))
        found[name] = array
    return found


def load_state_dict_strictly(path: Path, network: nn.Module) -> nn.Module:
    """Fills the network, built on any device, with the file's tensors; see `fill_strictly`."""
    return fill_strictly(read_state_dict(path), network, path)


def fill_strictly(table: Mapping[str, np.ndarray], network: nn.Module, path: Path) -> nn.Module:
    """The network with these tensors, on the CPU, in eval mode, without gradients.

    Keys and shapes must be the network's, neither fewer nor more.
    """
    counters = {k: v for k, v in network.state_dict().items() if k.endswith(COUNTER)}
    wanted = {k: tuple(v.shape) for k, v in network.state_dict().items() if k not in counters}
    _compare({key: array.shape for key, array in table.items()}, wanted, path)
    tensors = {key: torch.from_numpy(array) for key, array in table.items()}
    tensors |= {key: torch.zeros((), dtype=torch.int64, device="cpu") for key in counters}
    network.load_state_dict(tensors, assign=True)
    return network.eval().requires_grad_(False)


def _compare(found: Mapping[str, Shape], wanted: Mapping[str, Shape], path: Path) -> None:
    for what, keys in (
        ("lacks", [key for key in wanted if key not in found]),
        ("has, beyond the network,", [key for key in found if key not in wanted]),
    ):
        if keys:
            more = f" and {len(keys) - 1} more" if len(keys) > 1 else ""
            raise _refused(path, f"{what} {keys[0]!r}{more}")
    for key, shape in wanted.items():
        if found[key] != shape:
            raise _refused(path, f"{key!r} has shape {found[key]}, wanted {shape}")


def _read_table(path: Path) -> dict[Any, Any]:
    head = read_head(path)
    if head.startswith(ZIP):
        table = read_zip(path)
    elif head.startswith(OLD_TORCH):
        table = read_old(path)
    elif kind_of(path) == "safetensors":
        _check_safetensors_head(path)
        table = safetensors.numpy.load_file(path)
    else:
        raise _refused(path, "is no file of torch.save")
    if not isinstance(table, dict):
        raise _refused(path, f"holds a {type(table).__name__}, not a table of tensors", SAVE_FLAT)
    return table


def _check_safetensors_head(path: Path) -> None:
    """Its description is held in memory, so it must be as small as descriptions are."""
    with path.open("rb") as file:
        if int.from_bytes(file.read(8), "little") > MAX_PICKLE:
            raise _refused(path, "has a description that never ends")


def _arrays(path: Path, table: Mapping[Any, Any]) -> dict[str, np.ndarray]:
    if len(table) > MAX_KEYS:
        raise _refused(path, f"holds {len(table)} tensors")
    _check_total(path, table)
    found: dict[str, np.ndarray] = {}
    for key, array in table.items():
        if not isinstance(key, str):
            raise _refused(path, "has a key that is no name", SAVE_FLAT)
        if not isinstance(array, np.ndarray):
            raise _not_flat(path, key, array)
        name = key.removeprefix(PARALLEL)
        if name.endswith(COUNTER):
            continue
        if name in found:
            raise ModelFileError(f"holds {name!r} twice", where=str(path))
        found[name] = _finite(path, name, array)
    if not found:
        raise _refused(path, "holds no tensors")
    return found


def _not_flat(path: Path, key: Any, value: Any) -> ModelFileError:
    if isinstance(value, Call):
        return _refused(path, f"holds a pickled {value.function[:80]!r} under {key!r}", SAVE_FLAT)
    what = f"holds a {type(value).__name__} under {key!r}, not a tensor"
    return _refused(path, what, SAVE_FLAT)


def _check_total(path: Path, table: Mapping[Any, Any]) -> None:
    """Views can claim the same bytes many times over; together they must fit into the file."""
    size = path.stat().st_size
    sizes = (array.nbytes for array in table.values() if isinstance(array, np.ndarray))
    if any(total > size for total in itertools.accumulate(sizes)):
        raise _refused(path, "tells of more values than the file has")


def _finite(path: Path, key: str, array: np.ndarray) -> np.ndarray:
    if array.dtype == BFLOAT16:
        words = np.ascontiguousarray(array)["bfloat16"].astype(np.uint32) << 16
        array = words.view(np.float32)
    if array.dtype.kind != "f":
        raise _refused(path, f"holds {key!r} as {array.dtype}, not as plain numbers")
    with np.errstate(over="ignore"):
        plain = np.array(array, np.float32, order="C")
    if not np.isfinite(plain).all():
        raise ModelFileError(f"{key!r} has values that are not finite", where=str(path))
    return plain


def _refused(path: Path, what: str, hint: str = GET_AGAIN) -> ModelFileError:
    return ModelFileError(what, where=str(path), hint=hint)
