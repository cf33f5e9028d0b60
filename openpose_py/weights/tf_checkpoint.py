"""Reads TensorFlow's checkpoints, version 2: `<name>.index` and `<name>.data-00000-of-00001`.

The index is a table of LevelDB without compression: blocks of sorted keys, each without what it
shares with the key before. Field numbers: TensorFlow's core/protobuf/tensor_bundle.proto.
"""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from openpose_py.errors import ModelFileError
from openpose_py.weights.files import map_bytes, read_head
from openpose_py.weights.tf_variables import layers_of_variables
from openpose_py.weights.wire import BYTES, FIXED32, VARINT, Reader, WireTypes

MAGIC = (0xDB4775248B80FB57).to_bytes(8, "little")  # ends every table of LevelDB
FOOTER, TRAILER = 48, 5  # bytes; the second: compression and check sum behind a block
MAX_INDEX = 16 * 2**20  # bytes; of a training's checkpoint: 0.1
MAX_ENTRIES = 20_000
MAX_SHARDS = 100
MAX_KEY = 512
MAX_AXES, MAX_SIDE = 8, 2**31 - 1
GET_AGAIN = "the files are damaged: get .index and .data again"

ONE, SUB = (VARINT,), (BYTES,)
HEADER: WireTypes = {1: ONE, 2: ONE, 3: SUB}
ENTRY: WireTypes = {1: ONE, 2: SUB, 3: ONE, 4: ONE, 5: ONE, 6: (FIXED32,), 7: SUB}
SHAPE: WireTypes = {2: SUB}
SIDE: WireTypes = {1: ONE}
DTYPES = {1: "<f4", 2: "<f8", 3: "<i4", 9: "<i8"}  # variables of other types hold no weights


class Entry(NamedTuple):
    """A variable's place: bytes from `offset` of the file number `shard`."""

    dtype: int = 0
    shape: tuple[int, ...] = ()
    shard: int = 0
    offset: int = 0
    size: int = 0
    slices: bool = False


def read_checkpoint_layers(path: Path) -> dict[str, list[np.ndarray]]:
    """Layer name -> [weight] or [weight, bias], float32, finite; see `layers_of_variables`. path:
    the `.index`."""
    return layers_of_variables(read_checkpoint(path), str(path))


def read_checkpoint(path: Path) -> dict[str, np.ndarray]:
    """Name -> array of every variable that is made of numbers; views of the data files."""
    read_head(path)
    if path.stat().st_size > MAX_INDEX:
        raise _wrong(path, "is too large for an index of variables")
    index = _Table(path, map_bytes(path))
    entries = dict[str, Entry]()
    shards = 0
    for key, start, stop in index.rows():
        if not key:
            shards = _shards(index, start, stop)
        elif key in entries:
            raise _wrong(path, f"holds {key!r} twice")
        else:
            entries[key] = _entry(index, start, stop)
    if not shards:
        raise _wrong(path, "is no index of a TensorFlow checkpoint")
    return _values(path, entries, shards)


class _Table:
    """The rows of a LevelDB table; every stated place is checked before it is read."""

    def __init__(self, path: Path, data: memoryview) -> None:
        self.path, self.data = path, data
        self.reader = Reader(data, str(path))
        if len(data) < FOOTER or data[-len(MAGIC) :] != MAGIC:
            raise _wrong(path, "is no index of a TensorFlow checkpoint")

    def rows(self) -> Iterator[tuple[str, int, int]]:
        """Key, and where its value begins and ends; in the order of the file."""
        stop = len(self.data) - len(MAGIC)
        at = len(self.data) - FOOTER
        for _ in range(2):  # the first place is that of blocks about blocks, which are not needed
            _, at = self._number(at, stop)
        count = 0
        for _, start, end in self._block(at, stop):
            for row in self._block(start, end):
                count += 1
                if count > MAX_ENTRIES:
                    raise _wrong(self.path, "holds more variables than a network can need")
                yield row

    def _block(self, at: int, stop: int) -> Iterator[tuple[str, int, int]]:
        """The rows of the block whose offset and size are written at `at`."""
        start, at = self._number(at, stop)
        size, _ = self._number(at, stop)
        end = start + size
        if size < 4 or end + TRAILER > len(self.data) - FOOTER or self.data[end] != 0:
            raise _wrong(self.path, "has a block that is cut short or compressed")
        restarts = int.from_bytes(self.data[end - 4 : end], "little")
        end -= 4 * (restarts + 1)
        if end < start:
            raise _wrong(self.path, "has a block that is damaged")
        key, at = b"", start
        while at < end:
            shared, at = self._number(at, end)
            new, at = self._number(at, end)
            length, at = self._number(at, end)
            if shared > len(key) or shared + new > MAX_KEY or at + new + length > end:
                raise _wrong(self.path, "has a row that is damaged")
            key = key[:shared] + bytes(self.data[at : at + new])
            at += new
            yield str(key, "utf-8", "replace"), at, at + length
            at += length

    def _number(self, at: int, stop: int) -> tuple[int, int]:
        """A number of up to 64 bits, seven a byte, and where it ends."""
        value = 0
        for n in range(10):
            if at + n >= stop:
                break
            byte = self.data[at + n]
            value |= (byte & 0x7F) << (7 * n)
            if byte < 0x80:
                return value, at + n + 1
        raise _wrong(self.path, "has a number cut short")


def _shards(table: _Table, start: int, stop: int) -> int:
    """How many data files there are."""
    values = {1: 1, 2: 0}
    for field in table.reader.fields(start, stop, HEADER):
        if field.number in values:
            values[field.number] = field.value
    if values[2]:
        raise _wrong(table.path, "is stored with the high bytes first")
    if not 1 <= values[1] <= MAX_SHARDS:
        raise _wrong(table.path, f"tells of {values[1]} data files")
    return values[1]


def _entry(table: _Table, start: int, stop: int) -> Entry:
    numbers = {1: 0, 3: 0, 4: 0, 5: 0}
    shape, slices = tuple[int, ...](), False
    for field in table.reader.fields(start, stop, ENTRY):
        if field.number == 2:
            shape = _shape(table, field.start, field.stop)
        elif field.number in numbers:
            numbers[field.number] = field.value
        slices |= field.number == 7
    return Entry(numbers[1], shape, numbers[3], numbers[4], numbers[5], slices)


def _shape(table: _Table, start: int, stop: int) -> tuple[int, ...]:
    sides = list[int]()
    for dimension in table.reader.fields(start, stop, SHAPE):
        if dimension.number == 2:
            side = 0
            for field in table.reader.fields(dimension.start, dimension.stop, SIDE):
                side = field.value if field.number == 1 else side
            sides.append(side)
            if side > MAX_SIDE or len(sides) > MAX_AXES:
                raise _wrong(table.path, "has a shape that no variable has")
    return tuple(sides)


def _values(path: Path, entries: dict[str, Entry], shards: int) -> dict[str, np.ndarray]:
    """Together the variables may take no more bytes than the files have."""
    files = [_data_file(path, number, shards) for number in range(shards)]
    left = sum(map(len, files))
    found = dict[str, np.ndarray]()
    for name, entry in entries.items():
        if entry.dtype not in DTYPES:
            continue
        dtype = np.dtype(DTYPES[entry.dtype])
        if entry.slices or entry.shard >= shards:
            raise _wrong(path, f"has {name!r} in parts or in no data file")
        if math.prod(entry.shape) * dtype.itemsize != entry.size:
            raise _wrong(path, f"has {entry.size} bytes for {name!r} of shape {entry.shape}")
        left -= entry.size
        stop = entry.offset + entry.size
        if stop > len(files[entry.shard]) or left < 0:
            raise _wrong(path, f"tells of more bytes for {name!r} than the data file has")
        values = np.frombuffer(files[entry.shard][entry.offset : stop], dtype)
        found[name] = values.reshape(entry.shape)
    return found


def _data_file(path: Path, number: int, shards: int) -> memoryview:
    data = path.with_suffix(f".data-{number:05d}-of-{shards:05d}")
    if not data.is_file():
        what = f"has no {data.name} beside it, which holds the weights"
        raise ModelFileError(what, where=str(path), hint="get both files of the checkpoint")
    return map_bytes(data) if data.stat().st_size else memoryview(b"")


def _wrong(path: Path, what: str) -> ModelFileError:
    return ModelFileError(what, where=str(path), hint=GET_AGAIN)
