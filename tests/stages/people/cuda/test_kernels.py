"""The CUDA sources, compiled as C++: what they answer is what a GPU answers."""

import dataclasses
import functools
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from drawn.decoder_scenes import NAMES, scene
from drawn.kernels_on_cpu import GXX, OnCpu
from drawn.random_maps import SKELETON, maps_and_options
from hypothesis import given, settings

from openpose_py.records import Peaks
from openpose_py.stages.people.cuda.kernel_decoder import KernelDecoder, Rooms
from openpose_py.stages.people.decode import people_of
from openpose_py.stages.people.grid import grid_of
from openpose_py.stages.people.limbs_cpu import score_limbs
from openpose_py.stages.people.options import Links
from openpose_py.stages.people.peaks_cpu import find_peaks

pytestmark = pytest.mark.skipif(GXX is None, reason="there is no g++")
TESTS = Path(__file__).parents[3]
SMALL = ["BODY_25_tiny_full", "BODY_25_tiny_full_scales2", "MPI_empty"]

RACES = """
import sys
from drawn.decoder_scenes import scene
from drawn.kernels_on_cpu import OnCpu
from openpose_py.stages.people.cuda.kernel_decoder import KernelDecoder
decoder = KernelDecoder(OnCpu(6, ("-fsanitize=thread",)))
for name in sys.argv[1:]:
    given = scene(name)
    decoder.peaks_and_links(given.maps, given.skeleton, given.options)
print("done")
"""


@functools.cache
def on_cpu() -> KernelDecoder:
    return KernelDecoder(OnCpu())


def same(peaks: Peaks, links: Links, wanted_peaks: Peaks, wanted_links: Links) -> None:
    """No tolerance: the sources round every operation as the stored answers do."""
    np.testing.assert_array_equal(peaks.starts, wanted_peaks.starts)
    np.testing.assert_array_equal(peaks.table, wanted_peaks.table)
    np.testing.assert_array_equal(links.index, wanted_links.index)
    np.testing.assert_array_equal(links.scores, wanted_links.scores)


@pytest.mark.parametrize("name", NAMES)
def test_the_kernels_answer_as_openpose(name):
    given = scene(name)
    peaks, links = on_cpu().peaks_and_links(given.maps, given.skeleton, given.options)
    same(peaks, links, given.peaks, given.links)
    people = people_of(peaks, links, given.maps, given.skeleton, given.options)
    wanted = given.answers["cuda_keypoints"].reshape(-1, len(given.skeleton.parts), 3)
    np.testing.assert_array_equal(people.keypoints, wanted)
    np.testing.assert_array_equal(people.scores, given.answers["cuda_scores"])


@settings(max_examples=100, deadline=None)
@given(maps_and_options())
def test_the_kernels_and_the_compiled_twin_agree_on_random_maps(drawn):
    maps, options = drawn
    few = min(options.max_peaks or 40, 40)  # pairs are many, and one thread is slow
    options = dataclasses.replace(options, max_peaks=few)
    with np.errstate(all="ignore"):
        peaks, links = on_cpu().peaks_and_links(maps, SKELETON, options)
        grid = grid_of(maps, options.upsampling_ratio)
        wanted = find_peaks(
            grid, len(SKELETON.parts), options.peak_threshold, options.max_peaks,
            maps.geometry.peak_offset,
        )  # fmt: skip
        same(peaks, links, wanted, score_limbs(grid, wanted, SKELETON, options))


@pytest.mark.parametrize("name", SMALL)
def test_the_number_of_threads_in_a_block_does_not_matter(name):
    given = scene(name)
    threaded = KernelDecoder(OnCpu(threads=7))
    same(
        *threaded.peaks_and_links(given.maps, given.skeleton, given.options),
        given.peaks, given.links,
    )  # fmt: skip


def test_no_barrier_is_missing():
    """gcc's thread sanitizer watches every access of six threads to the memory that they share."""
    found = subprocess.run(
        [GXX, "-print-file-name=libtsan.so"], capture_output=True, text=True, check=True
    ).stdout.strip()
    if not Path(found).is_absolute():
        pytest.skip("there is no thread sanitizer")
    paths = os.pathsep.join([str(TESTS), str(TESTS.parent)])
    done = subprocess.run(
        [sys.executable, "-c", RACES, "BODY_25_tiny_full_scales2"],
        env={**os.environ, "LD_PRELOAD": found, "PYTHONPATH": paths, "TSAN_OPTIONS": "exitcode=66"},
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    if "unexpected memory mapping" in done.stderr:
        pytest.skip("the thread sanitizer does not start on this machine")
    assert done.returncode == 0 and done.stdout == "done\n", done.stderr[-2000:]


def test_memory_grows_until_a_frame_fits_and_then_stays():
    crowd, one = scene("COCO_crowd60"), scene("COCO_one")
    all_peaks = dataclasses.replace(crowd.options, max_peaks=0)
    small = KernelDecoder(OnCpu(), Rooms(1, 1, 1))
    same(
        *small.peaks_and_links(crowd.maps, crowd.skeleton, all_peaks),
        crowd.peaks, crowd.links,
    )  # fmt: skip
    grown = small.rooms
    assert grown.candidates >= 60 and grown.peaks >= 60 and grown.links >= len(crowd.links.scores)
    same(*small.peaks_and_links(one.maps, one.skeleton, one.options), one.peaks, one.links)
    assert small.rooms == grown
