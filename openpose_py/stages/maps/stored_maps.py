"""Stage 2 of 5: frame -> maps. Maps from files of `--write_maps` instead of from a network.

A file holds `maps_0`, `maps_1`, ... (channels, height, width), one a scale, `model`,
`producer_size` and `net_input_sizes` (width, height). Files of strangers are read with care: no
array is read before its shape is known to be right, so none can ask for more memory than the
network's own maps would.
"""

import dataclasses
import struct
import tokenize
import zipfile
import zlib
from pathlib import Path
from typing import IO

import numpy as np

from openpose_py.errors import InputError, OpenPoseError
from openpose_py.records import Maps, Size
from openpose_py.stages.maps.sizes import SizeWishes, factor, geometry_of
from openpose_py.zoo.cards import ModelCard, card_named
from openpose_py.zoo.skeletons import read_skeleton

SMALL = 64 * 1024  # bytes; everything but the maps is smaller
LARGEST_SIDE = 1 << 14  # net pixels
DAMAGED = (  # what zipfile and numpy raise for damaged files
    OSError, ValueError, EOFError, KeyError, TypeError, OverflowError, RuntimeError,
    NotImplementedError, SyntaxError, tokenize.TokenError, struct.error, zlib.error,
    zipfile.BadZipFile,
)  # fmt: skip


@dataclasses.dataclass(frozen=True)
class StoredMaps:
    """The maps of one file and the model that made them."""

    maps: Maps
    card: ModelCard
    frame_size: Size


def read_maps(path: Path, wishes: SizeWishes, model: str = "") -> StoredMaps:
    """The maps of one file, with the geometry that `wishes` ask for beside the stored sizes."""
    try:
        with zipfile.ZipFile(path) as archive:
            return _read(archive, path, wishes, model)
    except OpenPoseError:
        raise
    except DAMAGED as problem:
        reason = " ".join(str(problem).split()) or type(problem).__name__
        raise InputError(f"is not a file of maps: {reason}", where=str(path)) from problem


def _read(archive: zipfile.ZipFile, path: Path, wishes: SizeWishes, model: str) -> StoredMaps:
    names = {name.removesuffix(".npy") for name in archive.namelist()}
    card = card_named(model or str(_small(archive, "model", names, path)))
    frame_size = _size(_small(archive, "producer_size", names, path), path)
    rows = np.atleast_2d(_small(archive, "net_input_sizes", names, path))
    net_sizes = tuple(_size(row, path) for row in rows)
    channels = read_skeleton(card.skeleton).channels
    scales = tuple(
        _map(
            archive, f"maps_{number}", (channels, height // card.stride, width // card.stride), path
        )
        for number, (width, height) in enumerate(net_sizes)
    )
    wanted = dataclasses.replace(wishes, net_resolution=net_sizes[0], scale_number=1)
    geometry = dataclasses.replace(
        geometry_of(frame_size, wanted),
        net_sizes=net_sizes,
        frame_to_net=tuple(factor(frame_size, size) for size in net_sizes),
    )
    return StoredMaps(Maps(scales, geometry, card.stride), card, frame_size)


def _small(archive: zipfile.ZipFile, name: str, names: set[str], path: Path) -> np.ndarray:
    if name not in names:
        raise InputError(f"has no array {name!r}", where=str(path),
                         hint="--write_maps writes such files")  # fmt: skip
    if archive.getinfo(f"{name}.npy").file_size > SMALL:
        raise InputError(f"the array {name!r} is too large", where=str(path))
    with archive.open(f"{name}.npy") as file:
        return np.lib.format.read_array(file, allow_pickle=False)


def _size(array: np.ndarray, path: Path) -> Size:
    if array.shape != (2,) or array.dtype.kind not in "iu":
        raise InputError("a size is two whole numbers", where=str(path))
    width, height = (int(side) for side in array)
    if not (0 < width <= LARGEST_SIDE and 0 < height <= LARGEST_SIDE):
        raise InputError(f"a size of {width}x{height} is not possible", where=str(path))
    return width, height


def _map(archive: zipfile.ZipFile, name: str, shape: tuple[int, ...], path: Path) -> np.ndarray:
    """float32 (channels, height, width); its shape is compared before anything is read."""
    with archive.open(f"{name}.npy") as file:
        found, kind = _header(file)
        if found != shape or kind not in ("float16", "float32"):
            raise InputError(
                f"{name} is {kind} {found}, wanted float32 or float16 {shape}", where=str(path),
                hint="is --model_pose the model that made it?",
            )  # fmt: skip
    with archive.open(f"{name}.npy") as file:
        return np.lib.format.read_array(file, allow_pickle=False).astype(np.float32, copy=False)


def _header(file: IO[bytes]) -> tuple[tuple[int, ...], str]:
    version = np.lib.format.read_magic(file)
    read = np.lib.format.read_array_header_1_0
    if version != (1, 0):
        read = np.lib.format.read_array_header_2_0
    shape, _, dtype = read(file)
    return shape, str(dtype)
