"""JSON files of keypoints, a batch at a time: reads and parses them."""

import dataclasses
import itertools
import json
import logging
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from openpose_py.errors import InputError
from openpose_py.stages.writers.json_people import KEYS
from openpose_py.tables.columns import EMPTY, LARGEST_ID
from openpose_py.tables.file_names import KeypointFile
from openpose_py.tables.keypoint_names import VALUES

FILES_A_BATCH = 512
BARE = re.compile(rb"(?<=[\[,\s])-?(?:nan|inf)(?=[\],\s])")  # as C++ prints them
JSON_WORDS = {b"nan": b"NaN", b"-nan": b"NaN", b"inf": b"Infinity", b"-inf": b"-Infinity"}
OLDER_KEYS = {f"{name}_keypoints_2d": f"{name}_keypoints" for name in ("pose", "face")}
DAMAGED = (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError)
Parser = Callable[[list[bytes]], tuple[int, np.ndarray, np.ndarray]]
log = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True, slots=True)
class Batch:
    """What some files say. fields: int64 (fields, 5): place in `files`, person, id, kind (see
    keypoint_names), count of numbers; a file without people and a person without points have one
    field of kind EMPTY. numbers: float32, those of one field after those of the other."""

    files: list[KeypointFile]
    fields: np.ndarray
    numbers: np.ndarray

    @property
    def starts(self) -> np.ndarray:
        """int64 (fields,): where the numbers of each begin."""
        return np.cumsum(self.fields[:, 4]) - self.fields[:, 4]


class JsonReader:
    """Reads batch after batch. Damaged files are told, counted in `damaged`, and left out."""

    def __init__(self) -> None:
        self.damaged = 0
        self._told_of_candidates = False
        self._parse_quickly: Parser | None = None

    def batches(self, files: Iterable[KeypointFile]) -> Iterator[Batch]:
        waiting = iter(files)
        for number in itertools.count():
            chosen = list(itertools.islice(waiting, FILES_A_BATCH))
            if not chosen:
                return
            if number == 1:  # few files are parsed before a compiler could be loaded
                from openpose_py.tables.quick import quick_parser

                self._parse_quickly = quick_parser()
            whole = [(file, text) for file in chosen if (text := self._text(file)) is not None]
            batch = self._parsed([file for file, _ in whole], [text for _, text in whole])
            if batch.files:
                yield batch

    def _text(self, file: KeypointFile) -> bytes | None:
        try:
            with open(file.path, "rb", buffering=0) as opened:
                return opened.read()
        except OSError as problem:
            self._leave_out(file, f"cannot be read: {problem.strerror or problem}")
            return None

    def _parsed(self, files: list[KeypointFile], texts: list[bytes]) -> Batch:
        kept: list[KeypointFile] = []
        pieces, done = [(0, np.empty((0, 5), np.int64), np.empty(0, np.float32))], 0
        while done < len(files):
            if self._parse_quickly:
                count, fields, numbers = self._parse_quickly(texts[done:])
                pieces.append((len(kept), fields, numbers))
                kept += files[done : done + count]
                done += count
            if done < len(files):
                slow = self._parse_slowly(files[done], texts[done])
                if slow is not None:
                    pieces.append((len(kept), *slow))
                    kept.append(files[done])
                done += 1
        for first, fields, _ in pieces:
            fields[:, 0] += first
        return Batch(
            kept,
            np.concatenate([fields for _, fields, _ in pieces]),
            np.concatenate([numbers for _, _, numbers in pieces]),
        )

    def _parse_slowly(
        self, file: KeypointFile, text: bytes
    ) -> tuple[np.ndarray, np.ndarray] | None:
        try:
            fields, numbers, candidates = parse(text)
        except DAMAGED:
            self._leave_out(file, "is not a file of OpenPose keypoints")
            return None
        if candidates and not self._told_of_candidates:
            log.warning("%s: part_candidates are left out, here and elsewhere", file.path)
            self._told_of_candidates = True
        return fields, numbers

    def _leave_out(self, file: KeypointFile, why: str) -> None:
        self.damaged += 1
        log.error("%s", InputError(why, where=file.path))


def parse(text: bytes) -> tuple[np.ndarray, np.ndarray, bool]:
    """What a text means: its fields, its numbers (see Batch), and whether part candidates stand in
    it. Raises DAMAGED where it is not a file of keypoints."""
    # parse_int: -0 keeps its sign
    table = json.loads(BARE.sub(lambda bare: JSON_WORDS[bare[0]], text), parse_int=float)
    fields: list[tuple[int, int, int, int, int]] = []
    numbers: list[Any] = []
    for person, values in enumerate(table["people"]):
        before = len(fields)
        identity = _identity(values)
        for kind, key in enumerate(KEYS):
            found = values.get(key, values.get(OLDER_KEYS.get(key, key), []))
            if len(found) % VALUES[kind]:
                raise ValueError(f"{key} has {len(found)} numbers")
            if found:
                fields.append((0, person, identity, kind, len(found)))
                numbers += found
        if len(fields) == before:
            fields.append((0, person, identity, EMPTY, 0))
    if not fields:
        fields.append((0, EMPTY, EMPTY, EMPTY, 0))
    with np.errstate(over="ignore"):
        as_floats = np.array(numbers, np.float64).astype(np.float32)
    return np.array(fields, np.int64), as_floats, bool(table.get("part_candidates"))


def _identity(person: dict[str, Any]) -> int:
    """Ids went through float32 when they were written."""
    (identity,) = person.get("person_id", [EMPTY])
    if abs(identity) >= LARGEST_ID:
        raise ValueError("is no id")
    return int(np.float32(identity))
