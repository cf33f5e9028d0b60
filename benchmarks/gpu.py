"""Everything that is to be measured on a GPU, in one command; prints one JSON object.

    python benchmarks/gpu.py [--runs 50] [--json FILE] [--only SECTION]
    python benchmarks/gpu.py --cpp      without a GPU: the same program, the kernels as C++

parity      the kernels against the compiled twin in all golden scenes, no tolerance
assembler   milliseconds a frame from maps on the GPU to people, and where they go
network     BODY_25 at 656x368, batches of 1 and 16, and its share of the card's bf16 peak
frames      decoded frames to JSON text, frames a second: as --gpu_batch 16, and by a CUDA graph

Each section runs in a process of its own, so a failure in one leaves the others their numbers.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "benchmarks")]

import gpu_network  # noqa: E402
from drawn.decoder_scenes import NAMES, scene  # noqa: E402
from drawn.kernels_on_cpu import OnCpu  # noqa: E402

from openpose_py.records import Maps, Peaks, People  # noqa: E402
from openpose_py.stages.people.cuda.kernel_decoder import (  # noqa: E402
    KernelDecoder,
    Processor,
)
from openpose_py.stages.people.decode import decode, people_of, warm_up  # noqa: E402
from openpose_py.stages.people.options import DecodeOptions  # noqa: E402
from openpose_py.zoo.skeletons import Skeleton  # noqa: E402

TIMED = ("one", "five", "twenty_small", "crowd60", "crowd150")
LIMIT = 1800  # seconds a section


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--cpp", action="store_true", help="no GPU: the kernels as C++")
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--json", type=Path, help="also write the object there")
    parser.add_argument("--only", choices=SECTIONS, help="one section")
    parser.add_argument("--here", choices=SECTIONS, help=argparse.SUPPRESS)
    wishes = parser.parse_args()
    if wishes.here:
        print(json.dumps(SECTIONS[wishes.here](wishes.cpp, wishes.runs)))
        return 0
    report = {
        name: in_own_process(name, wishes) for name in ([wishes.only] if wishes.only else SECTIONS)
    }
    text = json.dumps({"machine": gpu_network.machine(wishes.cpp), **report}, indent=1)
    print(text)
    if wishes.json:
        wishes.json.write_text(text + "\n")
    return int(any("failed" in section for section in report.values()))


def in_own_process(name: str, wishes: argparse.Namespace) -> dict[str, Any]:
    command = [sys.executable, __file__, "--here", name, "--runs", str(wishes.runs)]
    command += ["--cpp"] * wishes.cpp
    print(f"{name} ...", file=sys.stderr, flush=True)
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT)
    except subprocess.TimeoutExpired:
        return {"failed": f"took longer than {LIMIT} s"}
    if done.returncode:
        return {"failed": done.stderr[-3000:] or f"exit code {done.returncode}"}
    section: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return section


def parity(cpp: bool, runs: int) -> dict[str, Any]:
    """Golden scenes in which peaks, people and scores are those of the compiled twin, bit by bit;
    of the others, the largest differences in net pixels, frame pixels and of scores."""
    people_by_kernels = decoder_for(cpp)
    differing = {}
    for name in NAMES:
        given = scene(name)
        people, peaks = people_by_kernels(given.maps, given.skeleton, given.options)
        wanted = decode(given.maps, given.skeleton, given.options, "cpu")
        difference = apart(people, peaks, *wanted)
        if difference:
            differing[name] = difference
    return {"scenes": len(NAMES), "equal": len(NAMES) - len(differing), "differing": differing}


def apart(people: People, peaks: Peaks, wanted: People, wanted_peaks: Peaks) -> dict[str, Any]:
    pairs = {
        "peaks": (peaks.table, wanted_peaks.table),
        "keypoints": (people.keypoints, wanted.keypoints),
        "scores": (people.scores, wanted.scores),
    }
    return {
        name: float(np.abs(a - b).max()) if a.shape == b.shape else f"{len(a)} and {len(b)} rows"
        for name, (a, b) in pairs.items()
        if not np.array_equal(a, b)
    }


Decoder = Callable[[Maps, Skeleton, DecodeOptions], tuple[People, Peaks]]


def decoder_for(cpp: bool) -> Decoder:
    """On a GPU the package's own way, with torch tensors; else the kernels as C++."""
    if cpp:
        by_kernels = KernelDecoder(OnCpu())

        def as_cpp(maps: Maps, skeleton: Skeleton, options: DecodeOptions) -> tuple[People, Peaks]:
            peaks, links = by_kernels.peaks_and_links(maps, skeleton, options)
            return people_of(peaks, links, maps, skeleton, options), peaks

        return as_cpp

    def on_gpu(maps: Maps, skeleton: Skeleton, options: DecodeOptions) -> tuple[People, Peaks]:
        return decode(gpu_network.on_gpu(maps), skeleton, options, "cuda")

    return on_gpu


def assembler(cpp: bool, runs: int) -> dict[str, Any]:
    """Milliseconds, medians. all: from maps in the GPU's memory to people; the GPU's share of it a
    kernel, and the CPU's share, which is the assembly."""
    warm_up()
    rows = {}
    for name in TIMED:
        given = scene(f"BODY_25_{name}")
        maps = given.maps if cpp else gpu_network.on_gpu(given.maps)
        timed = Timed(OnCpu() if cpp else gpu_network.gpu())
        by_kernels = KernelDecoder(timed)
        row: dict[str, list[float]] = {}
        for _ in range(runs + 5):
            timed.clear()
            begin = time.perf_counter()
            peaks, links = by_kernels.peaks_and_links(maps, given.skeleton, given.options)
            middle = time.perf_counter()
            people = people_of(peaks, links, maps, given.skeleton, given.options)
            end = time.perf_counter()
            times = {
                "peaks and links": middle - begin,
                "assembly": end - middle,
                "all": end - begin,
            }
            for key, seconds in {**times, **timed.seconds()}.items():
                row.setdefault(key, []).append(seconds * 1e3)
        medians = {key: round(statistics.median(list_[5:]), 4) for key, list_ in row.items()}
        untimed = KernelDecoder(timed.inner)
        plain = gpu_network.median_ms(
            lambda d=untimed, m=maps, g=given: people_of(
                *d.peaks_and_links(m, g.skeleton, g.options), m, g.skeleton, g.options
            ),
            runs,
        )
        twin = gpu_network.median_ms(
            lambda g=given: decode(g.maps, g.skeleton, g.options, "cpu"), runs
        )
        rows[name] = {
            "people": len(people), **medians, "all": plain, "all, CPU twin": twin,
        }  # fmt: skip
    goal = {"goal": "twenty_small at most 0.5 ms", "reached": rows["twenty_small"]["all"] <= 0.5}
    return {**rows, **goal}


class Timed:
    """A processor that also says how long each kernel took; by CUDA's events on a GPU."""

    def __init__(self, inner: Processor) -> None:
        self.inner, self.arrays = inner, inner.arrays
        self._marks: list[tuple[str, Any, Any]] = []

    def clear(self) -> None:
        self._marks = []

    def flat(self, scales: tuple[Any, ...]) -> Any:
        return self.inner.flat(scales)

    def launch(self, kernel: str, blocks: tuple[int, int, int], *arguments: Any) -> None:
        begin = self._mark()
        self.inner.launch(kernel, blocks, *arguments)
        self._marks.append((kernel, begin, self._mark()))

    def fetch(self, array: Any) -> np.ndarray:
        return self.inner.fetch(array)

    def seconds(self) -> dict[str, float]:
        return {name: self._between(begin, end) for name, begin, end in self._marks}

    def _mark(self) -> Any:
        if self.arrays is np:
            return time.perf_counter()
        event = self.arrays.cuda.Event()
        event.record()
        return event

    def _between(self, begin: Any, end: Any) -> float:
        if self.arrays is np:
            return float(end - begin)
        end.synchronize()
        return float(self.arrays.cuda.get_elapsed_time(begin, end)) / 1e3


SECTIONS: dict[str, Callable[[bool, int], dict[str, Any]]] = {
    "parity": parity,
    "assembler": assembler,
    "network": gpu_network.network,
    "frames": gpu_network.frames,
}

if __name__ == "__main__":
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    sys.exit(main())
