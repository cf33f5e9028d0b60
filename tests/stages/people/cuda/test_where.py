import logging

import numpy as np
import pytest
import torch
from drawn.decoder_scenes import NAMES, scene

from openpose_py.errors import StageError
from openpose_py.records import Maps
from openpose_py.stages.people.cuda.where import gpu_of, runs_on, why_not
from openpose_py.stages.people.decode import decode

HERE = torch.cuda.is_available() and not why_not(0)


class LyingOnAGpu(torch.Tensor):
    """A tensor that says so, for machines that have no GPU."""

    def __dlpack_device__(self):
        return 2, 7

    def detach(self):
        return self.as_subclass(torch.Tensor).detach()


def test_maps_in_memory_are_not_on_a_gpu():
    maps = scene("MPI_one").maps
    assert gpu_of(maps) is None
    assert gpu_of(Maps((torch.from_numpy(maps.scales[0]),), maps.geometry)) is None


def test_without_a_gpu_that_runs_kernels_people_are_found_on_the_cpu_and_it_is_said_once(caplog):
    given = scene("MPI_one")
    wanted, _ = decode(given.maps, given.skeleton, given.options)
    scale = torch.from_numpy(given.maps.scales[0]).as_subclass(LyingOnAGpu)
    maps = Maps((scale,), given.maps.geometry)
    assert gpu_of(maps) == 7
    runs_on.cache_clear()
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            found, _ = decode(maps, given.skeleton, given.options)
    np.testing.assert_array_equal(found.keypoints, wanted.keypoints)
    said = [line.getMessage() for line in caplog.records]
    assert len(said) == 1 and "on the CPU" in said[0] and "pip install" in said[0]


def missing(gpu: int) -> None:
    import cupy_that_nobody_has  # noqa: F401


def broken(gpu: int) -> None:
    raise StageError("CuPy cannot build the kernels: no libnvrtc")


@pytest.mark.parametrize(
    "build, word", [(missing, "cupy_that_nobody_has is not installed"), (broken, "no libnvrtc")]
)
def test_the_reason_names_what_is_missing_and_what_to_type(build, word):
    reason = why_not(0, build)
    assert word in reason and "openpose-py[cuda12]" in reason


@pytest.mark.skipif(not HERE, reason="no GPU on which CuPy works")
@pytest.mark.parametrize("name", NAMES)
def test_a_gpu_answers_as_openpose(name):
    """No tolerance: without fused multiply-add a GPU rounds as a CPU does."""
    given = scene(name)
    scales = tuple(torch.from_numpy(np.float32(s)).cuda() for s in given.maps.scales)
    people, peaks = decode(Maps(scales, given.maps.geometry), given.skeleton, given.options)
    np.testing.assert_array_equal(peaks.table, given.peaks.table)
    wanted = given.answers["cuda_keypoints"].reshape(-1, len(given.skeleton.parts), 3)
    np.testing.assert_array_equal(people.keypoints, wanted)
    np.testing.assert_array_equal(people.scores, given.answers["cuda_scores"])
