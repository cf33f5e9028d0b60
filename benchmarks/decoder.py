"""How fast people are decoded, beside the usual way with whole maps, in the same run.

    python benchmarks/decoder.py [--runs 15] [--json FILE]

One thread. Milliseconds, medians; "whole maps" is `openpose_py/bench/decoder_twin.py`.
"""

import argparse
import json
import platform
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from drawn.crowd import drawn_maps  # noqa: E402

from openpose_py.bench.decoder_twin import decode_whole_maps  # noqa: E402
from openpose_py.records import Geometry, Maps, Size  # noqa: E402
from openpose_py.stages.people import (  # noqa: E402
    lightweight_cpu,
    lightweight_reference,
    limbs_cpu,
    peaks_cpu,
    tfpose_cpu,
    tfpose_reference,
)
from openpose_py.stages.people.assemble import assemble  # noqa: E402
from openpose_py.stages.people.decode import decode, warm_up  # noqa: E402
from openpose_py.stages.people.grid import grid_of  # noqa: E402
from openpose_py.stages.people.options import DecodeOptions, options_for  # noqa: E402
from openpose_py.stages.people.reject import people_from  # noqa: E402
from openpose_py.zoo.cards import card_named  # noqa: E402
from openpose_py.zoo.skeletons import Skeleton, read_skeleton  # noqa: E402

SIZES = ((656, 368), (1312, 736))
PEOPLE = (1, 5, 20, 60, 150)
SCENES = ("one", "five", "twenty_small", "crowd60", "crowd150")
MODEL = "BODY_25"
OTHERS_MODEL = "COCO"
OTHERS: dict[str, dict[str, Callable[..., Any]]] = {
    "tfpose": {
        "definition": tfpose_reference.decode_tfpose,
        "compiled": tfpose_cpu.decode_tfpose,
    },
    "lightweight": {
        "definition": lightweight_reference.decode_lightweight,
        "compiled": lightweight_cpu.decode_lightweight,
    },
}
COLUMNS = ("peaks", "limbs", "people", "decode", "whole maps")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--json", type=Path, help="also write the table there")
    wishes = parser.parse_args()
    cv2.setNumThreads(1)
    warm_up()
    skeleton, options = read_skeleton(MODEL), options_for(card_named(MODEL))
    rows = []
    print(f"{'scene':26}{'people':>7}" + "".join(f"{c:>12}" for c in COLUMNS) + f"{'ratio':>8}")
    for name, maps in scenes(skeleton):
        row = {"scene": name, **measure(maps, skeleton, options, wishes.runs)}
        rows.append(row)
        numbers = "".join(f"{row[column]:12.2f}" for column in COLUMNS)
        print(f"{name:26}{row['people found']:7}{numbers}{row['ratio']:8.1f}", flush=True)
    rows += others(wishes.runs)
    if wishes.json:
        about = {"machine": platform.processor() or platform.machine(), "opencv": cv2.__version__}
        wishes.json.write_text(json.dumps({**about, "unit": "ms", "rows": rows}, indent=1) + "\n")


def others(runs: int) -> list[dict[str, Any]]:
    """The other two decoders, each in turn with its definition."""
    skeleton = read_skeleton(OTHERS_MODEL)
    rows = []
    print(f"\n{'decoder, scene':38}{'people':>7}{'definition':>12}{'compiled':>12}{'ratio':>8}")
    for people in PEOPLE[:4]:
        drawn, _ = drawn_maps(skeleton, people, SIZES[0], seed=1)
        maps = _maps(drawn, SIZES[0])
        for name, ways in OTHERS.items():
            times: dict[str, list[float]] = {way: [] for way in ways}
            for run in range(runs + 1):
                for way, decoder in ways.items():
                    begin = time.perf_counter()
                    found, _ = decoder(maps, skeleton)
                    if run:  # the first one compiles
                        times[way].append((time.perf_counter() - begin) * 1e3)
            row: dict[str, Any] = {way: statistics.median(times[way]) for way in ways}
            row["ratio"] = row["definition"] / row["compiled"]
            row |= {"scene": f"{name}, {people} drawn", "people found": len(found)}
            rows.append(row)
            numbers = f"{row['definition']:12.2f}{row['compiled']:12.2f}{row['ratio']:8.1f}"
            print(f"{row['scene']:38}{len(found):7}{numbers}", flush=True)
    return rows


def scenes(skeleton: Skeleton) -> list[tuple[str, Maps]]:
    found = []
    for scene in SCENES:
        stored = np.load(ROOT / "tests" / "golden" / "decoder" / f"{MODEL}_{scene}.npz")
        height, width = stored["maps_0"].shape[1:]
        found.append((f"golden {scene}", _maps(stored["maps_0"], (width * 8, height * 8))))
    for size in SIZES:
        for people in PEOPLE:
            drawn, _ = drawn_maps(skeleton, people, size, seed=1)
            found.append((f"{size[0]}x{size[1]}, {people} drawn", _maps(drawn, size)))
    return found


def _maps(cells: np.ndarray, size: Size) -> Maps:
    geometry = Geometry(size, (size,), (1.0,), size, 1.0, 1.0, 0.5)
    return Maps((cells.astype(np.float32),), geometry)


def measure(maps: Maps, skeleton: Skeleton, options: DecodeOptions, runs: int) -> dict[str, Any]:
    """Medians in ms; each way in turn, so that a busy moment of the machine hits all."""
    geometry = maps.geometry
    grid = grid_of(maps, 0)
    peaks = peaks_cpu.find_peaks(
        grid, len(skeleton.parts), options.peak_threshold, options.max_peaks, geometry.peak_offset
    )
    links = limbs_cpu.score_limbs(grid, peaks, skeleton, options)
    steps: dict[str, Callable[[], Any]] = {
        "peaks": lambda: peaks_cpu.find_peaks(
            grid, len(skeleton.parts), options.peak_threshold, options.max_peaks, 0.5
        ),
        "limbs": lambda: limbs_cpu.score_limbs(grid, peaks, skeleton, options),
        "people": lambda: people_from(
            assemble(peaks, links, skeleton), peaks, len(skeleton.limbs), 1.0, options
        ),
        "decode": lambda: decode(maps, skeleton, options),
        "whole maps": lambda: decode_whole_maps(maps, skeleton, options),
    }
    times: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(runs):
        for name, step in steps.items():
            begin = time.perf_counter()
            step()
            times[name].append((time.perf_counter() - begin) * 1e3)
    row: dict[str, Any] = {name: statistics.median(values) for name, values in times.items()}
    row["ratio"] = row["whole maps"] / row["decode"]
    row["people found"] = len(decode(maps, skeleton, options)[0])
    return row


if __name__ == "__main__":
    main()
