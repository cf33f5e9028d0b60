"""The containers of torch.save, new and old, into tables of arrays that view the file's bytes."""

import dataclasses
import struct
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from openpose_py.errors import ModelFileError
from openpose_py.weights.files import OLD_TORCH, ZIP, BoundedFile, map_bytes
from openpose_py.weights.tensor_pickle import (
    GET_AGAIN,
    Call,
    Global,
    Stored,
    read_pickle,
)

MAX_PICKLE = 64 * 2**20  # bytes; that of the largest network takes 300 kB
MAX_AXES = 8
PACKED = (  # endings of what is published in archives
    ".caffemodel", ".index", ".npy", ".pb", ".pt", ".pth", ".safetensors", ".tar", ".weights",
    ".xml",
)  # fmt: skip
NESTED = "state_dict"  # of a checkpoint that also holds its optimizer
REBUILD = ("torch._utils _rebuild_tensor", "torch._utils _rebuild_tensor_v2")
CARD = "torch.cuda"  # where the storages of a file lay that was saved on a GPU
PARAMETER = "torch._utils _rebuild_parameter"
BFLOAT16 = np.dtype([("bfloat16", "<u2")])
STORAGES: dict[str, np.dtype[Any]] = {
    "Float": np.dtype("<f4"), "Half": np.dtype("<f2"), "Double": np.dtype("<f8"),
    "BFloat16": BFLOAT16, "Long": np.dtype("<i8"), "Int": np.dtype("<i4"),
    "Short": np.dtype("<i2"), "Char": np.dtype("i1"), "Byte": np.dtype("u1"),
    "Bool": np.dtype("?"),
}  # fmt: skip


def read_zip(path: Path) -> Any:
    """Entries are stored as they are and cannot be larger than the file."""
    whole = map_bytes(path)
    with BoundedFile(path) as file, zipfile.ZipFile(file) as archive:
        entries = archive.infolist()
        _check_not_packed([entry.filename for entry in entries], path)
        if any(entry.compress_type != zipfile.ZIP_STORED for entry in entries):
            raise _refused(path, "is a compressed archive, which torch.save does not make")
        pickles = [entry for entry in entries if entry.filename.endswith("data.pkl")]
        if len(pickles) != 1 or not 0 < pickles[0].file_size <= MAX_PICKLE:
            raise _refused(path, "has no table of tensors")
        folder = pickles[0].filename.removesuffix("data.pkl")
        order = next((e for e in entries if e.filename == f"{folder}byteorder"), None)
        if order is not None and bytes(_bytes_of(whole, order, path)) != b"little":
            raise _refused(path, "was written by a big-endian machine")
        start = f"{folder}data/"
        raw = {
            entry.filename.removeprefix(start): _bytes_of(whole, entry, path)
            for entry in entries
            if entry.filename.startswith(start)
        }
        table, _ = read_pickle(_bytes_of(whole, pickles[0], path), 0, path)
        return _tensors(table, raw, path)


def _check_not_packed(names: Sequence[str], path: Path) -> None:
    inside = next((name for name in names if name.lower().endswith(PACKED)), None)
    if inside is not None:
        hint = f"unpack it, and name what is in it: {inside!r}"
        raise _refused(path, "is an archive of files, not a weight file", hint)


def _bytes_of(whole: memoryview, entry: zipfile.ZipInfo, path: Path) -> memoryview:
    """The stored bytes of an entry, behind its own header."""
    at = entry.header_offset
    if bytes(whole[at : at + 4]) != ZIP:
        raise _refused(path, "is a broken archive")
    name, extra = struct.unpack("<2H", whole[at + 26 : at + 30])
    start = at + 30 + name + extra
    if start + entry.file_size > len(whole):
        raise _refused(path, "has entries larger than the file")
    return whole[start : start + entry.file_size]


def read_old(path: Path) -> Any:
    """Before torch 1.6: magic number, version, system, table and the storages' keys, each
    pickled; then every storage as its length and its numbers."""
    whole = map_bytes(path)
    pickles, position = list[Any](), len(OLD_TORCH)
    for _ in range(4):
        pickled, position = read_pickle(whole, position, path)
        pickles.append(pickled)
    _, system, table, keys = pickles
    if isinstance(system, dict) and system.get("little_endian") is False:
        raise _refused(path, "was written by a big-endian machine")
    if not isinstance(keys, list):
        raise _refused(path, "has no list of its storages")
    sizes = _storage_sizes(table)
    raw = {}
    for key in map(str, keys):
        (length,) = struct.unpack("<q", whole[position : position + 8])
        size = length * sizes[key]
        position += 8
        if size < 0 or position + size > len(whole):
            raise _refused(path, "tells of more values than the file has")
        raw[key] = whole[position : position + size]
        position += size
    return _tensors(table, raw, path)


@dataclasses.dataclass(frozen=True)
class _Storage:
    key: str
    dtype: np.dtype


def _storage(stored: Any) -> _Storage | None:
    """What `("storage", kind, key, device, length)` tells; None for what is none."""
    if not isinstance(stored, Stored) or len(stored.parts) < 5 or stored.parts[0] != "storage":
        return None
    kind, key = stored.parts[1:3]
    if not isinstance(kind, Global):
        return None
    module, _, name = kind.name.partition(" ")
    dtype = STORAGES.get(name.removesuffix("Storage")) if module in ("torch", CARD) else None
    return None if dtype is None else _Storage(str(key), dtype)


def _storage_sizes(table: Any) -> dict[str, int]:
    """Bytes a number of each storage that the table mentions."""
    sizes, waiting, seen = {}, [table], set[int]()
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        storage = _storage(one)
        if storage is not None:
            sizes[storage.key] = storage.dtype.itemsize
        elif isinstance(one, dict):
            waiting += one.values()
        elif isinstance(one, list | tuple):
            waiting += one
        elif isinstance(one, Call):
            waiting += one.arguments
    return sizes


def _tensors(table: Any, raw: Mapping[str, memoryview], path: Path) -> Any:
    """The table, and the `state_dict` in it, with arrays in the place of their descriptions."""
    if not isinstance(table, dict):
        return table
    made = {}
    for key, value in table.items():
        if key == NESTED and isinstance(value, dict):
            made[key] = _tensors(value, raw, path)
        else:
            made[key] = _tensor(value, raw, path)
    return made


def _tensor(value: Any, raw: Mapping[str, memoryview], path: Path) -> Any:
    if isinstance(value, Call) and value.function == PARAMETER and value.arguments:
        value = value.arguments[0]
    if not isinstance(value, Call) or value.function not in REBUILD or len(value.arguments) < 4:
        return value
    stored, offset, shape, strides = value.arguments[:4]
    storage = _storage(stored)
    numbers = (offset, *shape, *strides)
    if storage is None or any(type(n) is not int or n < 0 for n in numbers):
        raise _refused(path, "describes a tensor in no known way")
    if not len(shape) == len(strides) <= MAX_AXES:
        raise _refused(path, "describes a tensor in no known way")
    data = raw.get(storage.key, memoryview(b""))
    values = np.frombuffer(data, storage.dtype, len(data) // storage.dtype.itemsize)
    last = offset + sum((n - 1) * step for n, step in zip(shape, strides, strict=True))
    if 0 not in shape and last >= len(values):
        raise _refused(path, "tells of more values than the file has")
    bytes_a_step = [step * storage.dtype.itemsize for step in strides]
    return np.lib.stride_tricks.as_strided(values[offset:], shape, bytes_a_step, writeable=False)


def _refused(path: Path, what: str, hint: str = GET_AGAIN) -> ModelFileError:
    return ModelFileError(what, where=str(path), hint=hint)
