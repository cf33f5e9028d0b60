"""Stage 2 of 5: frame -> maps. The network in plain PyTorch, on the CPU or a CUDA device."""

import numpy as np
import torch
from torch import nn

from openpose_py.errors import StageError, UsageError
from openpose_py.records import Maps, NetInput


def device_named(name: str, num_gpu: int, num_gpu_start: int) -> torch.device:
    """The device that the flags name; never a silent step from a GPU down to the CPU."""
    found = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if name == "auto":
        wanted = num_gpu != 0 and (num_gpu > 0 or num_gpu_start > 0 or found > 0)
        name = f"cuda:{num_gpu_start}" if wanted else "cpu"
    try:
        device = torch.device(name)
    except RuntimeError as problem:
        raise UsageError(f"unknown device {name!r}", where="--device",
                         hint="use auto, cpu, cuda or cuda:N") from problem  # fmt: skip
    if device.type not in ("cpu", "cuda"):
        raise UsageError(f"{name!r} is not supported", where="--device", hint="use cpu or cuda")
    if device.type == "cuda" and (device.index or 0) >= found:
        raise UsageError(
            f"there is no GPU {device.index or 0}: PyTorch sees {found}", where="--device",
            hint="use --device cpu, or install a PyTorch that fits the driver",
        )  # fmt: skip
    return device


class TorchEngine:
    """A network on one device."""

    def __init__(self, network: nn.Module, device: torch.device, stride: int) -> None:
        # channels last: three to seventeen per cent faster, measured on one core
        self._network = network.to(device).eval()
        self._network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._device = device
        self._stride = stride

    def run(self, net_input: NetInput) -> Maps:
        """The maps of all scales; they stay on the device."""
        try:
            with torch.inference_mode():
                scales = tuple(
                    self._network(_on(self._device, tensor))[0] for tensor in net_input.tensors
                )
        except (torch.OutOfMemoryError, MemoryError) as problem:
            raise _out_of_memory(net_input) from problem
        except RuntimeError as problem:
            if "memory" in str(problem):
                raise _out_of_memory(net_input) from problem
            raise
        return Maps(scales, net_input.geometry, self._stride)


def _on(device: torch.device, tensor: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(tensor).to(device, memory_format=torch.channels_last)


def _out_of_memory(net_input: NetInput) -> StageError:
    width, height = net_input.geometry.net_sizes[0]
    return StageError(
        f"out of memory at a network input of {width}x{height}",
        where="network",
        hint="use a smaller --net_resolution, for example -1x256",
    )
