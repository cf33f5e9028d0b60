"""`openpose-py convert`: rows a second, one core, and the memory it takes.

    python benchmarks/tables.py [million rows, default 1]

The folder is made of random people: 5 in each file, then 1. "json" is Python's reader in the place
of the compiled scanner. Every run is a process of its own on one core, twice, the better counts;
the time is that of the conversion, without Python's start.
"""

import datetime
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from openpose_py.stages.writers.json_people import JsonFields, people_json

PARTS = 25
PROGRAM = """
import resource, sys, time
from pathlib import Path
from openpose_py.tables import quick
from openpose_py.tables.convert import Wish, convert
from openpose_py.tables.parse import JsonReader, parse
import pyarrow.parquet
folder, to, parser = sys.argv[1:]
quick.quick_parser()
if parser == "json":
    quick.quick_parser = lambda: lambda texts: (0, *parse(quick.NOBODY)[:2])
start = time.perf_counter(), time.process_time()
convert(Path(folder), Wish(to, f"{folder}.{to}", frames_a_second=30))
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(time.perf_counter() - start[0], time.process_time() - start[1], peak)
"""


def make(folder: Path, people: int, rows: int) -> Path:
    folder.mkdir()
    numbers = np.random.default_rng(0)
    for frame in range(rows // (people * PARTS)):
        points = (numbers.random((people, PARTS, 3)) * [1280, 720, 1]).astype(np.float32)
        points[numbers.random((people, PARTS)) < 0.1] = 0
        path = folder / f"walk_{frame:012d}_keypoints.json"
        path.write_bytes(people_json(JsonFields(points)))
    return folder


def measure(folder: Path, to: str, parser: str) -> tuple[float, float, float]:
    """Seconds, seconds of the processor, and the most memory in MiB."""
    runs = []
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, str(folder), to, parser],
            capture_output=True, text=True, check=True,
            preexec_fn=lambda: os.sched_setaffinity(0, [min(os.sched_getaffinity(0))]),
        )  # fmt: skip
        seconds, processor, peak = map(float, done.stdout.split()[-3:])
        runs.append((seconds, processor, peak))
    return min(runs)


def main() -> None:
    rows = int(float(sys.argv[1]) * 1e6) if len(sys.argv) > 1 else 1_000_000
    print(f"{datetime.date.today()}, {platform.machine()}, Python {platform.python_version()},",
          f"{rows:,} rows, one core")  # fmt: skip
    print(f"{'people a file':>13} {'to':8}{'parser':10}{'rows/s':>12}{'processor':>12}{'MiB':>8}")
    with tempfile.TemporaryDirectory() as base:
        for people in (5, 1):
            folder = make(Path(base) / str(people), people, rows)
            for to, parser in (("parquet", "scanner"), ("parquet", "json"), ("csv", "scanner"),
                               ("jsonl", "scanner")):  # fmt: skip
                seconds, processor, peak = measure(folder, to, parser)
                print(f"{people:13} {to:8}{parser:10}{rows / seconds:12,.0f}"
                      f"{rows / processor:12,.0f}{peak:8.0f}")  # fmt: skip


if __name__ == "__main__":
    main()
