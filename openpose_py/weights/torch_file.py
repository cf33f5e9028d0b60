"""Reads state dictionaries: `.pth`, `.pt` and `.pth.tar` of torch, and `.safetensors`."""

import io
import itertools
import pickle
import pickletools
import struct
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
import safetensors
import torch

from openpose_py.errors import ModelFileError
from openpose_py.weights.files import OLD_TORCH, ZIP, BoundedFile, read_head

MAX_KEYS = 20_000
MAX_PICKLE = 16 * 2**20  # bytes; the networks' take 50 kB
MAX_STEPS = 1_000_000
PROTOCOL = 2  # of torch.save
OLD_VERSION = 1001  # the second pickle of a file before torch 1.6
OLD_PICKLES = 5  # magic number, version, system, tensors, storage keys; then the raw values
ALLOWED = {
    *("collections OrderedDict", "collections Counter"),  # the second: of a learning rate's plan
    *(f"torch._utils _rebuild_{what}" for what in ("tensor", "tensor_v2", "parameter")),
    *(f"torch {kind}Storage" for kind in ("Float", "Half", "BFloat16", "Double", "Long", "Int")),
    *(f"torch.cuda {kind}Storage" for kind in ("Float", "Half", "Double", "Long", "Int")),
}
NESTED = "state_dict"  # where a training's checkpoint has its weights
PARALLEL = "module."  # before every key of a network that was trained on several GPUs
COUNTER = ".num_batches_tracked"  # of a norm; says nothing about the network
FLOATS = (torch.float32, torch.float16, torch.bfloat16, torch.float64)
# What torch.load and its unpickler raise for files that are not what they claim to be.
BROKEN = (
    *(ArithmeticError, AssertionError, AttributeError, EOFError, ImportError, LookupError),
    *(MemoryError, OSError, RuntimeError, TypeError, ValueError),
    *(pickle.PickleError, struct.error, zipfile.BadZipFile),
)
GET_AGAIN = "the file is damaged or is no weight file: get it again"
SAVE_FLAT = "save it with torch.save(model.state_dict(), path)"


def read_torch_file(path: Path) -> dict[str, np.ndarray]:
    """Key -> float32 array; of a training's checkpoint the weights alone."""
    head = read_head(path)
    zipped = head.startswith(ZIP)
    try:
        if zipped:
            _check_zip(path)
        elif head.startswith(OLD_TORCH):
            _check_old(path)
        else:
            raise _refused(path, "is no file of torch.save")
        table = torch.load(str(path), map_location="cpu", weights_only=True, mmap=zipped)
    except BROKEN as problem:
        raise _refused(path, "cannot be read as a file of torch.save") from problem
    if isinstance(table, dict) and isinstance(table.get(NESTED), dict):
        table = table[NESTED]
    if not isinstance(table, dict):
        raise _refused(path, f"holds a {type(table).__name__}, not a table of tensors", SAVE_FLAT)
    return _checked(path, table)


def read_safetensors(path: Path) -> dict[str, np.ndarray]:
    """As `read_torch_file`, from a file of safetensors."""
    read_head(path)
    try:
        with safetensors.safe_open(path, framework="pt") as file:
            return _checked(path, {key: file.get_tensor(key) for key in file.keys()})  # noqa: SIM118
    except (*BROKEN, safetensors.SafetensorError) as problem:
        raise _refused(path, "cannot be read as safetensors") from problem


def bare_keys(table: Mapping[str, np.ndarray], path: Path) -> dict[str, np.ndarray]:
    """`layer.weight` or `layer.bias` -> array: what stands before the layer is dropped."""
    found: dict[str, np.ndarray] = {}
    for key, array in table.items():
        name = ".".join(key.split(".")[-2:])
        if name in found:
            raise ModelFileError(f"holds {name!r} twice", where=str(path))
        found[name] = array
    return found


def _check_zip(path: Path) -> None:
    """Entries must be stored as they are and cannot be larger than the file."""
    size = path.stat().st_size
    with BoundedFile(path) as file, zipfile.ZipFile(file) as archive:
        entries = archive.infolist()
        if any(entry.compress_type != zipfile.ZIP_STORED for entry in entries):
            raise _refused(path, "is a compressed archive, which torch.save does not make")
        if sum(entry.file_size for entry in entries) > size:
            raise _refused(path, "has entries larger than the file")
        pickles = [entry for entry in entries if entry.filename.lower().endswith("data.pkl")]
        if len(pickles) != 1 or pickles[0].file_size > MAX_PICKLE:
            raise _refused(path, "has no table of tensors")
        _check_pickle(path, io.BytesIO(archive.read(pickles[0])))


def _check_old(path: Path) -> None:
    with BoundedFile(path) as stream:
        stream.seek(len(OLD_TORCH))
        for _ in range(OLD_PICKLES - 1):
            _check_pickle(path, stream)


def _check_pickle(path: Path, stream: IO[bytes]) -> None:
    """Only tables of tensors, and no number or text that goes beyond the file's size."""
    limit = max(path.stat().st_size, OLD_VERSION)
    for step, (code, value, _) in enumerate(pickletools.genops(stream)):
        if step > MAX_STEPS:
            raise _refused(path, "has a table of tensors that never ends")
        if code.name == "GLOBAL" and value not in ALLOWED:
            raise _refused(path, f"holds a pickled {str(value)[:80]!r}", SAVE_FLAT)
        if code.name == "PROTO" and value != PROTOCOL:
            raise _refused(path, f"is pickled in protocol {value}", SAVE_FLAT)
        if code.name in ("STACK_GLOBAL", "INST", "OBJ", "EXT1", "EXT2", "EXT4"):
            raise _refused(path, "holds pickled objects", SAVE_FLAT)
        if isinstance(value, int) and not -1 <= value <= limit:
            raise _refused(path, "tells of more values than the file has")


def _checked(path: Path, table: Mapping[Any, Any]) -> dict[str, np.ndarray]:
    if len(table) > MAX_KEYS:
        raise _refused(path, f"holds {len(table)} tensors")
    _check_total(path, table.values())
    found: dict[str, np.ndarray] = {}
    for key, tensor in table.items():
        if not isinstance(key, str) or len(key) > 256:
            raise _refused(path, "has a key that is no name", SAVE_FLAT)
        if not isinstance(tensor, torch.Tensor):
            what = f"holds a {type(tensor).__name__} under {key!r}, not a tensor"
            raise _refused(path, what, SAVE_FLAT)
        if key.endswith(COUNTER):
            continue
        if tensor.dtype not in FLOATS or tensor.layout != torch.strided:
            raise _refused(path, f"holds {key!r} as {tensor.dtype}, not as plain numbers")
        found[key] = _finite(path, key, tensor)
    if found and all(key.startswith(PARALLEL) for key in found):
        return {key.removeprefix(PARALLEL): array for key, array in found.items()}
    return found


def _check_total(path: Path, tensors: Iterable[Any]) -> None:
    """Views can claim the same bytes many times over; together they must fit into the file."""
    size = path.stat().st_size
    sizes = (t.numel() * t.element_size() for t in tensors if isinstance(t, torch.Tensor))
    if any(total > size for total in itertools.accumulate(sizes)):
        raise _refused(path, "tells of more values than the file has")


def _finite(path: Path, key: str, tensor: torch.Tensor) -> np.ndarray:
    array = np.array(tensor.detach().to(torch.float32).numpy(), np.float32, order="C")
    if not np.isfinite(array).all():
        raise ModelFileError(f"{key!r} has values that are not finite", where=str(path))
    return array


def _refused(path: Path, what: str, hint: str = GET_AGAIN) -> ModelFileError:
    return ModelFileError(what, where=str(path), hint=hint)
