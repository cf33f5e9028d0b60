"""The unit of a batch: one input, a span of a long one, or the joining of its spans."""

import dataclasses
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from openpose_py.batch.addresses import is_remote, place_of
from openpose_py.errors import UsageError
from openpose_py.multi_view import inputs_named
from openpose_py.settings import Settings

# flags that name files; a run of the batch writes all of them below the folder of its input
WRITES = (
    "write_json", "write_images", "write_video", "write_heatmaps", "write_maps", "write_keypoint",
    "write_coco_json",
)  # fmt: skip
TOKEN = re.compile(r"\{(\w*)\}")
TOKENS = ("stem", "parent", "id")

RowFlags = tuple[tuple[str, Any], ...]  # fields of Settings and their values, in order of names


@dataclasses.dataclass(frozen=True, slots=True)
class Span:
    """Frames `first` up to, without, `stop` of a video.

    Times are those of the file's packets: begin of frame `first`, end of frame `stop` (None: there
    is none), start of frame 0, seek of a key frame from which decoding reaches `begin` safely.
    """

    first: int
    stop: int
    begin: int
    end: int | None
    start: int
    seek: int


@dataclasses.dataclass(frozen=True, slots=True)
class Job:
    """path: a video or a folder of pictures. id: its name in this batch. target: the folder that
    its outputs appear in. flags: what its row of a manifest changes.

    span: only this part of it. spans: join these parts, which are done. whole: never cut it.
    """

    path: str
    id: str
    target: str
    flags: RowFlags = ()
    span: Span | None = None
    spans: tuple[Span, ...] = ()
    whole: bool = False

    def __reduce__(self) -> tuple[type, tuple[Any, ...]]:
        """Half the time of what dataclasses do; millions go to workers."""
        fields = self.path, self.id, self.target, self.flags, self.span, self.spans, self.whole
        return Job, fields

    @property
    def is_folder(self) -> bool:
        if is_remote(self.path):
            return self.path.endswith("/")
        return os.path.isdir(inputs_named(self.path)[0])


@dataclasses.dataclass(frozen=True, slots=True)
class Done:
    """seconds: of work. notes: damage that was met; the outputs are there all the same.
    before: it was found done; this is told, not recorded."""

    frames: int
    people: int
    seconds: float
    notes: tuple[str, ...] = ()
    before: bool = dataclasses.field(default=False, compare=False)

    def __reduce__(self) -> tuple[type, tuple[Any, ...]]:
        return Done, (self.frames, self.people, self.seconds, self.notes, self.before)


@dataclasses.dataclass(frozen=True, slots=True)
class Cut:
    """A long input: its spans are to be done first, each as a job of its own. None: after all it
    is to be done in one piece."""

    spans: tuple[Span, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Failed:
    """reason: one line. fatal: no other input could do better, such as with a full disk."""

    reason: str
    fatal: bool = False


Outcome = Done | Cut | Failed
Watch = Callable[[int], None]  # is told the number of frames so far


def settings_of(job: Job, base: Settings, folder: Path | None) -> Settings:
    """The flags of one run, writing into `folder`; None: the patterns as they were given."""
    values = dict(job.flags)
    values |= {"image_dir": job.path} if job.is_folder else {"video": job.path}
    if folder is not None:
        for field in WRITES:
            pattern = values.get(field, getattr(base, field))
            if pattern:
                values[field] = str(folder / filled(pattern, job.path, job.id))
    return dataclasses.replace(base, **values)


def filled(pattern: str, path: str, id: str) -> str:
    """`pattern` with {stem}, {parent} and {id} of an input."""
    if "{" not in pattern:
        return pattern
    text = pattern.replace("{id}", id)
    if "{stem}" in pattern:
        text = text.replace("{stem}", stem_of(path))
    return text.replace("{parent}", parent_of(path)) if "{parent}" in pattern else text


def stem_of(path: str) -> str:
    """The name of a file without its ending, of a folder as it is."""
    name = os.path.basename(place_of(path))
    is_folder = path.endswith("/") if is_remote(path) else os.path.isdir(path)
    return name if is_folder else os.path.splitext(name)[0]


def parent_of(path: str) -> str:
    return os.path.basename(os.path.dirname(place_of(path)))


def check_pattern(pattern: str, flag: str) -> None:
    for found in TOKEN.finditer(pattern):
        if found[1] not in TOKENS:
            hint = "known are {stem}, {parent} and {id}"
            raise UsageError(f"{found[0]} means nothing", where=f"--{flag}", hint=hint)


def check_below(pattern: str, flag: str) -> None:
    """A run of the batch writes into the folder of its input, nowhere else."""
    check_pattern(pattern, flag)
    if os.path.isabs(pattern) or ".." in Path(pattern).parts:
        raise UsageError(
            "is a name inside the folder of each input", where=f"--{flag} {pattern}",
            hint=f"for example --output DIR --{flag} {os.path.basename(pattern) or 'out'}",
        )  # fmt: skip
