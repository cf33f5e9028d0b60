"""Reads protobuf's wire format within bounds: no recursion, no allocation from a stated length."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from openpose_py.errors import ModelFileError

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
FIXED_SIZE = {FIXED64: 8, FIXED32: 4}
MAX_FIELDS = 100_000  # a file of a thousand layers has about 20,000; a run counts once

WireTypes = Mapping[int, tuple[int, ...]]


class Field(NamedTuple):
    """One field, or one run of fixed-size fields with the same key.

    start, stop: byte offsets of the payload (BYTES), or of the run's records, each key and value.
    value: the number (VARINT), or the bytes of one record (FIXED32, FIXED64).
    """

    number: int
    wire: int
    start: int
    stop: int
    value: int


@dataclass
class Reader:
    """data: the whole file. where: its name for messages."""

    data: memoryview
    where: str
    fields_left: int = MAX_FIELDS

    def fields(self, start: int, stop: int, known: WireTypes) -> Iterator[Field]:
        """The fields of the message in data[start:stop]; a known one must have a known type."""
        at = start
        while at < stop:
            self.fields_left -= 1
            if self.fields_left < 0:
                raise self.damaged("has more fields than a weight file can need", at)
            field = self._field(at, stop)
            if field.wire not in known.get(field.number, (field.wire,)):
                raise self.damaged(f"has field {field.number} with type {field.wire}", at)
            yield field
            at = field.stop

    def floats(self, field: Field, dtype: str) -> np.ndarray:
        """The numbers of a packed field or a run; little-endian `dtype`, perhaps a view."""
        size = np.dtype(dtype).itemsize
        payload = self.data[field.start : field.stop]
        if field.wire != BYTES:
            records = np.frombuffer(payload, np.uint8).reshape(-1, field.value)
            return records[:, -size:].copy().view(dtype).ravel()
        if len(payload) % size:
            raise self.damaged(f"has {len(payload)} bytes of {size}-byte numbers", field.start)
        return np.frombuffer(payload, dtype)

    def varints(self, field: Field) -> Iterator[int]:
        """The whole numbers of a repeated field, packed or single."""
        if field.wire == VARINT:
            yield field.value
            return
        at = field.start
        while at < field.stop:
            value, at = self._varint(at, field.stop)
            yield value

    def text(self, field: Field, limit: int) -> str:
        if field.stop - field.start > limit:
            raise self.damaged(f"has a name of {field.stop - field.start} bytes", field.start)
        try:
            name = str(self.data[field.start : field.stop], "utf-8")
        except UnicodeDecodeError as problem:
            raise self.damaged("has a name that is not UTF-8", field.start) from problem
        if "\0" in name:
            raise self.damaged("has a name with a zero byte", field.start)
        return name

    def damaged(self, what: str, at: int) -> ModelFileError:
        hint = "the file is damaged, or is no weight file: get it again"
        return ModelFileError(f"byte {at} {what}", where=self.where, hint=hint)

    def _field(self, at: int, stop: int) -> Field:
        key, after = self._varint(at, stop)
        number, wire = key >> 3, key & 7
        if not 1 <= number < 2**29:
            raise self.damaged(f"has field number {number}", at)
        if wire == VARINT:
            value, end = self._varint(after, stop)
            return Field(number, wire, after, end, value)
        if wire == BYTES:
            length, after = self._varint(after, stop)
            if length > stop - after:
                raise self.damaged(f"tells of {length} bytes where {stop - after} are left", at)
            return Field(number, wire, after, after + length, length)
        if wire not in FIXED_SIZE:
            raise self.damaged(f"has wire type {wire}", at)
        record = after - at + FIXED_SIZE[wire]
        if record > stop - at:
            raise self.damaged("has a number cut short", at)
        return Field(
            number, wire, at, at + record * self._run(at, stop, after - at, record), record
        )

    def _run(self, at: int, stop: int, key_size: int, record: int) -> int:
        """How many records of `record` bytes with the same key follow each other from `at`."""
        key = np.frombuffer(self.data[at : at + key_size], np.uint8)
        if self.data[at + record : at + record + key_size] != self.data[at : at + key_size]:
            return 1
        total, count, step = (stop - at) // record, 0, 16
        while count < total:
            step = min(step * 4, total - count)
            begin = at + count * record
            block = np.frombuffer(self.data[begin : begin + step * record], np.uint8)
            same = (block.reshape(step, record)[:, :key_size] == key).all(axis=1)
            if not same.all():
                return count + int(same.argmin())
            count += step
        return count

    def _varint(self, at: int, stop: int) -> tuple[int, int]:
        value = 0
        for n in range(10):
            if at + n >= stop:
                raise self.damaged("has a number cut short", at)
            byte = self.data[at + n]
            value |= (byte & 0x7F) << (7 * n)
            if byte < 0x80:
                if value >= 2**64:
                    break
                return value, at + n + 1
        raise self.damaged("has a number of more than 64 bits", at)
