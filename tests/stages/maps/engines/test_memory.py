"""What becomes of a run when memory does not suffice: a network that has little of it."""

import logging
import subprocess
import sys

import numpy as np
import pytest
import torch
from torch import nn

from openpose_py.errors import StageError
from openpose_py.records import NetInput
from openpose_py.stages.maps.engines.memory import attempt, largest_fitting
from openpose_py.stages.maps.engines.torch_crops import CropNetwork
from openpose_py.stages.maps.engines.torch_engine import TorchEngine
from openpose_py.stages.maps.sizes import SizeWishes, geometry_of

CPU = torch.device("cpu")


class Little(nn.Module):
    """Halves its input's first channel; refuses more pixels at once than `most`."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most, self.seen = most, []

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.seen.append(tuple(x.shape))
        if x[:, 0].numel() > self.most:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return x[:, :1] / 2


def inputs(count: int, size: tuple[int, int], scales: int = 1) -> list[NetInput]:
    geometry = geometry_of(size, SizeWishes(net_resolution=size, scale_number=scales))
    return [
        NetInput(tuple(np.full((1, 3, h, w), number, np.float32) for w, h in geometry.net_sizes),
                 geometry)
        for number in range(count)
    ]  # fmt: skip


def test_a_batch_that_does_not_fit_is_halved_once_and_for_all(caplog):
    network = Little(most=3 * 64 * 32)
    engine = TorchEngine(network, CPU, 8)
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            maps = engine.run_batch(inputs(8, (64, 32)))
            values = [float(one.scales[0].mean()) for one in maps]
            assert values == [number / 2 for number in range(8)]
    assert [shape[0] for shape in network.seen] == [8, 4, 2, 2, 2, 2, 2, 2, 2, 2]
    assert [one.message for one in caplog.records] == [
        "out of memory: the run goes on with batches of 2"
    ]


@pytest.mark.parametrize("scales", [1, 2])
def test_a_frame_that_does_not_fit_ends_with_the_largest_size_that_does(scales):
    network = Little(most=400 * 224)
    with pytest.raises(StageError, match="out of memory at a network input of 656x368") as caught:
        TorchEngine(network, CPU, 8).run_batch(inputs(2, (656, 368), scales))
    assert caught.value.exit_code == 3
    assert "--net_resolution 400x224" in caught.value.hint
    one_more = [shape[2:] for shape in network.seen]
    assert (224, 400) in one_more and (240, 432) in one_more


def test_where_nothing_fits_no_size_is_named():
    with pytest.raises(StageError) as caught:
        TorchEngine(Little(most=0), CPU, 8).run(inputs(1, (64, 32))[0])
    assert "not even the smallest" in caught.value.hint


def test_the_largest_fitting_size_keeps_the_shape_of_every_scale():
    tried = []

    def fits(sizes):
        tried.append(sizes)
        return sizes[0][1] <= 96

    assert largest_fitting([(656, 368), (496, 272)], fits) == (176, 96)
    assert [(176, 96), (128, 64)] in tried
    assert len(tried) <= 5


def test_crops_that_do_not_fit_together_are_taken_in_halves():
    network = Little(most=2 * 16 * 16)
    crops = np.arange(5, dtype=np.float32).reshape(5, 1, 1, 1) * np.ones((5, 3, 16, 16), np.float32)
    found = CropNetwork(network, CPU, "hint").run(crops)
    np.testing.assert_array_equal(found, crops[:, :1] / 2)
    assert max(len(shape) for shape in network.seen) == 4
    with pytest.raises(StageError, match="at a crop of 32x32"):
        CropNetwork(network, CPU, "hint").run(np.zeros((2, 3, 32, 32), np.float32))


def test_other_errors_are_not_taken_for_a_lack_of_memory():
    def broken(given):
        raise RuntimeError("CUDA error: an illegal memory access was encountered")

    with pytest.raises(RuntimeError, match="illegal memory access"):
        attempt(broken, None)


@pytest.mark.skipif(sys.platform != "linux", reason="needs ulimit")
def test_the_processors_own_lack_of_memory_is_recognised():
    program = (
        "import resource, torch\n"
        "from openpose_py.stages.maps.engines.memory import attempt\n"
        "resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))\n"
        "assert attempt(torch.ones, 1 << 33) is None\n"
        "assert attempt(torch.ones, 1 << 10) is not None\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
