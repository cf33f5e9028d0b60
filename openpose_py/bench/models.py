"""Networks to be measured, with the weights that are there, or random ones: as fast, but blind."""

from typing import Any

import numpy as np
import torch
from torch import nn

from openpose_py.bench.rows import Plan
from openpose_py.engines.choice import Task
from openpose_py.engines.open import is_exported
from openpose_py.networks import NETWORKS
from openpose_py.records import NetInput
from openpose_py.settings import Settings
from openpose_py.stages.maps.sizes import SizeWishes, geometry_of
from openpose_py.weights.find import weights_there
from openpose_py.weights.load import load_network
from openpose_py.zoo.cards import ModelCard

FRAME = (1280, 720)
FROM_FILE, RANDOM = "weights of the file", "random weights"


def loaded(card: ModelCard, plan: Plan) -> tuple[str, nn.Module, str]:
    """Name in NETWORKS, the network, and where its weights are from."""
    path = weights_there(card, plan.model_folder)
    if path and not is_exported(path):
        return *load_network(path, card.networks), FROM_FILE
    name = card.files[0].network
    return name, random_weights(NETWORKS[name]()), RANDOM


def random_weights(network: nn.Module) -> nn.Module:
    """Filled so that values stay in a usual range: vanishing ones take a processor longer."""
    torch.manual_seed(1)
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight)
    return network.eval().requires_grad_(False)


def task_of(card: ModelCard, name: str, network: nn.Module, plan: Plan) -> Task:
    """For `engines.build`, on the CPU."""
    device = torch.device("cpu")
    return Task(Settings(), card, plan.model_folder, name, network, device, plan.threads)


def net_input_of(height: int, scales: int = 1) -> NetInput:
    """Noise for a 16:9 frame at this height of the network's input, a tensor a scale."""
    geometry = geometry_of(FRAME, SizeWishes(net_resolution=(-1, height), scale_number=scales))
    return NetInput(tuple(noise(*size) for size in geometry.net_sizes), geometry)


def noise(width: int, height: int, count: int = 1) -> np.ndarray:
    """float32 (count, 3, height, width), -0.5 to 0.5."""
    random = np.random.default_rng(0)
    return random.random((count, 3, height, width), dtype=np.float32) - 0.5


def run_plain(network: nn.Module, x: np.ndarray) -> Any:
    """In PyTorch, channels last, without an engine: also for batches and crops."""
    with torch.inference_mode():
        return network(torch.from_numpy(x).to(memory_format=torch.channels_last))


def channels_last(network: nn.Module) -> nn.Module:
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return network
