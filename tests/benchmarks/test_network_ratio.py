"""Ratios of networks within one run on one thread, as those of the decoder."""

import copy
import functools

import pytest
import torch

from openpose_py.bench.measure import medians, one_thread
from openpose_py.bench.models import net_input_of, random_weights, run_plain
from openpose_py.engines.cores import has_bf16
from openpose_py.networks import NETWORKS
from openpose_py.stages.maps.engines.torch_engine import TorchEngine

ROOM = 1.5
TRIES = 5
# of the time of the bare network in float32, as measured on a busy machine
TIMES = {"fp32": 1.0, "bf16": 0.52}


@pytest.fixture(autouse=True)
def one_thread_of_torch():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.mark.parametrize("precision", TIMES)
def test_an_engine_takes_no_more_of_the_bare_networks_time_than_it_did(precision):
    if precision == "bf16" and not has_bf16():
        pytest.skip("this processor has no bf16")
    network, x = random_weights(NETWORKS["body_25b_compact"]()), net_input_of(192)
    engine = TorchEngine(copy.deepcopy(network), torch.device("cpu"), 8, precision)
    ways = {
        "bare": functools.partial(run_plain, network, x.tensors[0]),
        "engine": functools.partial(engine.run, x),
    }
    ratios = []
    for _ in range(TRIES):
        times = medians(ways, 0.5, one_thread)
        ratios.append(times["engine"] / times["bare"])
        if ratios[-1] <= TIMES[precision] * ROOM:
            return
    pytest.fail(f"{min(ratios):.2f} times the bare network at best")
