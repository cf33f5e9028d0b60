"""How fast people are followed and steadied, and how right the ids are, on drawn scenes.

    python benchmarks/tracking.py [--seconds 6] [--json FILE]

Milliseconds of processor time a frame, medians, one thread. IDF1 and MOTA: one scene each, in which
people cross, hide behind pillars and each other, and a third of them leave and come back.
"""

import argparse
import dataclasses
import json
import platform
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from drawn.moving_people import SKELETON, Moment, Wishes, scene  # noqa: E402
from drawn.track_figures import Frame as Judged  # noqa: E402
from drawn.track_figures import track_figures  # noqa: E402

from openpose_py.records import Frame, Result  # noqa: E402
from openpose_py.stages.people.smooth_file import FileSmoother  # noqa: E402
from openpose_py.stages.people.smooth_live import LiveSmoother  # noqa: E402
from openpose_py.stages.people.smooth_rows import Moment as Smoothed  # noqa: E402
from openpose_py.stages.people.track_many import ManyTracker  # noqa: E402

PEOPLE, RATES = (2, 5, 10, 20, 30), (5, 30)
COLUMNS = ("track", "live", "file")
MAX_GAP = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=6.0, help="length of a scene")
    parser.add_argument("--json", type=Path, help="also write the table there")
    wishes = parser.parse_args()
    rows = []
    print(f"{'scene':22}" + "".join(f"{c:>9}" for c in COLUMNS) + f"{'IDF1':>8}{'MOTA':>8}")
    for people in PEOPLE:
        for rate in RATES:
            moments = scene(Wishes(people, rate, wishes.seconds), seed=1)
            row = {"people": people, "frames a second": rate, **measure(moments)}
            rows.append(row)
            numbers = "".join(f"{row[column]:9.2f}" for column in COLUMNS)
            scores = f"{row['IDF1']:8.3f}{row['MOTA']:8.3f}"
            print(f"{people:3} people, {rate:2} a second{numbers}{scores}", flush=True)
    if wishes.json:
        about = {"machine": platform.processor() or platform.machine(), "unit": "ms"}
        wishes.json.write_text(json.dumps({**about, "rows": rows}, indent=1) + "\n")


def measure(moments: list[Moment]) -> dict[str, Any]:
    """Medians, and how right the ids are."""
    tracker, live, file = ManyTracker(SKELETON), LiveSmoother(MAX_GAP), FileSmoother(MAX_GAP)
    pixels = np.zeros((1080, 1920, 3), np.uint8)
    times: dict[str, list[float]] = {name: [] for name in COLUMNS}
    judged = []
    for index, moment in enumerate(moments):
        begin = time.thread_time()
        numbers = tracker.numbers(moment.people, moment.seconds)
        times["track"].append(time.thread_time() - begin)
        frame = Frame(pixels, index, str(index), moment.seconds, "drawn")
        result = Result(frame, moment.people, person_ids=numbers)
        for name, smoother in (("live", live), ("file", file)):
            begin = time.thread_time()
            smoother.feed(Smoothed(dataclasses.replace(result), moment.seconds))
            times[name].append(time.thread_time() - begin)
        judged.append(Judged(moment.there, moment.shown, numbers.tolist()))
    figures = track_figures(judged)
    medians = {name: statistics.median(values) * 1e3 for name, values in times.items()}
    return {**medians, "IDF1": figures.idf1, "MOTA": figures.mota}


if __name__ == "__main__":
    main()
