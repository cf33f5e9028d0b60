"""The flags of `openpose-py batch` beside those of a run, each once, as in `settings.py`."""

import dataclasses
import re
from collections.abc import Iterator
from typing import get_type_hints

from openpose_py.errors import UsageError
from openpose_py.settings import Flag, flag

BATCH = "Batch"
SHARD = re.compile(r"(\d+)/(\d+)")


@dataclasses.dataclass(frozen=True, kw_only=True)
class BatchOptions:
    """The values of one batch."""

    # fmt: off
    output: str = flag("", BATCH, "Folder for the results, a folder an input below it; {stem}, "
                       "{parent} and {id} stand for the input, otherwise /{id} is added.")
    dry_run: bool = flag(False, BATCH, "Print the plan, do nothing.")
    workers: int = flag(0, BATCH, "Processes at a time; 0: one a GPU, or one a core up to 8.",
                        low=0, high=1024)
    span: int = flag(3000, BATCH, "Cut long videos into parts of so many frames, so that all "
                     "workers share them; 0: never.", low=0)
    retries: int = flag(0, BATCH, "Try a failed input so many times again.", low=0)
    time_limit: float = flag(0.0, BATCH, "Seconds for an input or a part of one; 0: no limit.",
                             low=0)
    fail_fast: bool = flag(False, BATCH, "End at the first failed input.")
    shard: str = flag("", BATCH, "i/n: of every n inputs the i-th, counted from 1; for job arrays.")
    ray: str = flag("", BATCH, "Work on a Ray cluster: auto (the one that runs), its address, or "
                    "local (one of this machine alone).")
    emit: str = flag("", BATCH, "slurm: print a job script for sbatch that does the same, do "
                     "nothing.", choices=("", "slurm"))
    json_log: str = flag("", BATCH, "File for one line of JSON an event; -: to stdout.")
    # fmt: on


def options() -> Iterator[Flag]:
    """All rows, in the order of the table."""
    types = get_type_hints(BatchOptions)
    for field in dataclasses.fields(BatchOptions):
        row = {"name": field.name, **field.metadata}
        yield Flag(field=field.name, type=types[field.name], default=field.default, **row)


def shard_of(text: str) -> tuple[int, int]:
    """--shard as (i, n); (1, 1) without it."""
    if not text:
        return 1, 1
    found = SHARD.fullmatch(text.strip())
    number, count = (int(found[1]), int(found[2])) if found else (0, 0)
    if not 1 <= number <= count:
        raise UsageError(f"must look like 1/4, counted from 1, got {text!r}", where="--shard")
    return number, count
