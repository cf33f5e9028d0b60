"""Stage 2 of 5: frame -> maps. The network in plain PyTorch, on the CPU or a CUDA device."""

import warnings
from pathlib import Path

import numpy as np
import torch
from torch import nn

from openpose_py.errors import ModelFileError, StageError, UsageError
from openpose_py.records import Maps, NetInput

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


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
    """A network on one device. precision: fp32, bf16 or fp16; maps are float32 whatever it is."""

    def __init__(
        self, network: nn.Module, device: torch.device, stride: int, precision: str = "fp32"
    ) -> None:
        self._dtype = DTYPES[precision]
        # channels last: three to seventeen per cent faster, measured on one core
        self._network = network.to(device, self._dtype).eval()
        self._network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._device = device
        self._stride = stride

    def run(self, net_input: NetInput) -> Maps:
        """The maps of all scales; they stay on the device."""
        try:
            with torch.inference_mode():
                scales = tuple(self._maps(tensor) for tensor in net_input.tensors)
        except (torch.OutOfMemoryError, MemoryError) as problem:
            raise _out_of_memory(net_input) from problem
        except RuntimeError as problem:
            if "memory" in str(problem):
                raise _out_of_memory(net_input) from problem
            raise
        return Maps(scales, net_input.geometry, self._stride)

    def _maps(self, tensor: np.ndarray) -> torch.Tensor:
        """tensor: (1, 3, height, width)."""
        x = torch.from_numpy(tensor).to(
            self._device, self._dtype, memory_format=torch.channels_last
        )
        maps: torch.Tensor = self._network(x)[0]
        return maps.float()


class Scripted(nn.Module):
    """An exported TorchScript file, whose outputs lie side by side in the maps."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # TorchScript is old; files of it are read on
            self._script = torch.jit.load(str(path), map_location="cpu")

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.cat(self._script(x), dim=1)


def script_facts(path: Path, key: str) -> str:
    """The text that the exporter left in a TorchScript file, or an empty one."""
    texts = {key: ""}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.jit.load(str(path), map_location="cpu", _extra_files=texts)
    except RuntimeError as problem:
        what = "is damaged, or no TorchScript file"
        raise ModelFileError(what, where=str(path), hint="export the weights again") from problem
    text: str | bytes = texts[key]
    return text.decode() if isinstance(text, bytes) else text


def limit_threads(threads: int) -> None:
    """At most so many threads for networks of PyTorch in this process."""
    torch.set_num_threads(min(threads, torch.get_num_threads()))


def _out_of_memory(net_input: NetInput) -> StageError:
    width, height = net_input.geometry.net_sizes[0]
    return StageError(
        f"out of memory at a network input of {width}x{height}",
        where="network",
        hint="use a smaller --net_resolution, for example -1x256",
    )
