"""--profile: each stage's share of a run as a table, and as a file for Perfetto and chrome://tracing.

The file is in Chrome's trace event format: one track a thread, microseconds from the run's start.
"""

import json
from pathlib import Path
from typing import Any

from openpose_py.errors import UsageError
from openpose_py.stages.writers.whole_file import output_folder, write_whole
from openpose_py.timings import Timings

PROCESS = 1
MICRO = 1e6
ENDING = ".json"
HEADER = ("stage", "calls", "ms a call", "seconds", "of the run")


def check_profile(path: str) -> Path:
    """Raises before the run starts if the file could not be written at its end."""
    if not path.lower().endswith(ENDING):
        raise UsageError("must end in .json", where=f"--profile {path}")
    output_folder(str(Path(path).parent))
    return Path(path)


def write_trace(path: Path, timings: Timings) -> None:
    """Every piece of work as a complete event (X) of its thread, whose name is an event (M).

    The text grows event by event: an hour of video has most of a million.
    """
    threads: dict[str, int] = {}
    text = bytearray(b'{"displayTimeUnit": "ms", "traceEvents": [')
    for span in timings.spans():
        if span.thread not in threads:
            threads[span.thread] = len(threads) + 1
            named = {"name": "thread_name", "ph": "M", "args": {"name": span.thread}}
            text += _event({**named, "pid": PROCESS, "tid": threads[span.thread]})
        times = {"ts": round(span.begin * MICRO, 1), "dur": round(span.seconds * MICRO, 1)}
        work = {"name": span.stage, "ph": "X", **times}
        text += _event({**work, "pid": PROCESS, "tid": threads[span.thread]})
    write_whole(path, bytes(text.removesuffix(b",\n") + b"]}\n"))


def shares(timings: Timings) -> str:
    """A line a stage. Stages work at the same time, so the shares may add up to more than 100."""
    whole = timings.elapsed
    rows = [HEADER]
    for name, (seconds, calls) in timings.totals().items():
        each = 1000 * seconds / max(1, calls)
        share = f"{100 * seconds / whole:.0f} %"
        rows.append((name, str(calls), f"{each:.1f}", f"{seconds:.2f}", share))
    rows.append(("the run", "", "", f"{whole:.2f}", ""))
    widths = [max(len(row[n]) for row in rows) for n in range(len(HEADER))]
    return "\n".join(_line(row, widths) for row in rows)


def _event(event: dict[str, Any]) -> bytes:
    return json.dumps(event).encode() + b",\n"


def _line(row: tuple[str, ...], widths: list[int]) -> str:
    first, *others = (
        text.ljust(width) if n == 0 else text.rjust(width)
        for n, (text, width) in enumerate(zip(row, widths, strict=True))
    )
    return "  ".join([first, *others]).rstrip()
