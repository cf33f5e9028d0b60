"""Whole maps by cv2.resize and numpy against the compiled decoder, in one run on one thread."""

import importlib.util
import statistics
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from drawn.decoder_scenes import scene

from openpose_py.records import Maps
from openpose_py.stages.people.decode import decode, warm_up

TWIN = Path(__file__).parents[2] / "benchmarks" / "decoder_twin.py"


@pytest.fixture
def decode_whole_maps():
    spec = importlib.util.spec_from_file_location("decoder_twin", TWIN)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    yield module.decode_whole_maps
    cv2.setNumThreads(threads)


def test_the_decoder_is_ten_times_faster_than_whole_maps(decode_whole_maps):
    """Measured: eighty times; the rest is room for a busy machine."""
    golden = scene("BODY_25_five")
    maps = Maps((golden.maps.scales[0].astype(np.float32),), golden.maps.geometry)
    warm_up()
    ratios = []
    for _ in range(7):
        begin = time.perf_counter()
        decode(maps, golden.skeleton, golden.options)
        middle = time.perf_counter()
        decode_whole_maps(maps, golden.skeleton, golden.options)
        ratios.append((time.perf_counter() - middle) / (middle - begin))
    assert statistics.median(ratios) > 10


def test_both_ways_find_nearly_the_same_people(decode_whole_maps):
    """The cubic kernels differ, so a point at a threshold may come or go."""
    golden = scene("BODY_25_two_overlapping")
    usual, _ = decode_whole_maps(
        Maps((golden.maps.scales[0].astype(np.float32),), golden.maps.geometry),
        golden.skeleton,
        golden.options,
    )
    ours, _ = decode(golden.maps, golden.skeleton, golden.options)
    assert len(usual) == len(ours)
    both = (usual.keypoints[..., 2] > 0) & (ours.keypoints[..., 2] > 0)
    assert both.mean() > 0.9
    assert np.abs(usual.keypoints - ours.keypoints)[both].max() < 2
