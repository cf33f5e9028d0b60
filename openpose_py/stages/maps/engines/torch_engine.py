"""Stage 2 of 5: frame -> maps. The network in plain PyTorch, on the CPU or a CUDA device."""

import itertools
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn

from openpose_py.errors import ModelFileError, StageError, UsageError
from openpose_py.records import Maps, NetInput, Size
from openpose_py.stages.maps.engines.engine import Engine
from openpose_py.stages.maps.engines.memory import Batches, attempt, largest_fitting

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


def devices_named(name: str, num_gpu: int, num_gpu_start: int) -> list[torch.device]:
    """All devices that the flags name; the first is `device_named`'s."""
    first = device_named(name, num_gpu, num_gpu_start)
    if name != "auto" or first.type == "cpu":
        return [first]
    found = torch.cuda.device_count()
    stop = num_gpu_start + num_gpu if num_gpu > 0 else found
    if stop > found:
        raise UsageError(
            f"{num_gpu} from GPU {num_gpu_start} on are wanted, PyTorch sees {found}",
            where=f"--num_gpu {num_gpu}", hint=f"use --num_gpu {found - num_gpu_start}, or -1: all",
        )  # fmt: skip
    return [torch.device("cuda", number) for number in range(num_gpu_start, stop)]


class TorchEngine(Engine):
    """A network on one device. precision: fp32, bf16 or fp16; maps are float32 whatever it is."""

    def __init__(
        self, network: nn.Module, device: torch.device, stride: int, precision: str = "fp32"
    ) -> None:
        self._dtype = DTYPES[precision]
        torch.backends.cudnn.allow_tf32 = False  # fp32 means fp32, not ten bits of it
        # channels last: three to seventeen per cent faster, measured on one core
        self._network = network.to(device, self._dtype).eval()
        self._network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._device = device
        self._stride = stride
        self._batches = Batches()

    def run(self, net_input: NetInput) -> Maps:
        """The maps of all scales; they stay on the device."""
        return self.run_batch([net_input])[0]

    def run_batch(self, net_inputs: Sequence[NetInput]) -> list[Maps]:
        """As `run`, of inputs of the same shapes; in halves where memory does not suffice."""
        pieces = self._batches.run(net_inputs, self._maps, self._out_of_memory)
        return list(itertools.chain.from_iterable(pieces))

    def _maps(self, net_inputs: Sequence[NetInput]) -> list[Maps]:
        scales = zip(*(one.tensors for one in net_inputs), strict=True)
        with torch.inference_mode():
            found = [self._network(self._upload(tensors)).float() for tensors in scales]
        return [
            Maps(tuple(maps[number] for maps in found), one.geometry, self._stride)
            for number, one in enumerate(net_inputs)
        ]

    def _upload(self, tensors: Sequence[np.ndarray]) -> torch.Tensor:
        """tensors: (1, 3, height, width) each, one behind the other in the network's batch."""
        x = torch.from_numpy(tensors[0] if len(tensors) == 1 else np.concatenate(tensors))
        if self._device.type == "cuda":  # from page-locked memory, beside what the GPU still does
            x = x.pin_memory().to(self._device, non_blocking=True)
        return x.to(self._device, self._dtype, memory_format=torch.channels_last)

    def _out_of_memory(self, net_inputs: Sequence[NetInput]) -> StageError:
        geometry = net_inputs[0].geometry

        def fits(sizes: Sequence[Size]) -> bool:
            blank = tuple(np.zeros((1, 3, height, width), np.float32) for width, height in sizes)
            return attempt(self._maps, [NetInput(blank, geometry)]) is not None

        largest = largest_fitting(geometry.net_sizes, fits)
        hint = "free memory on the device: not even the smallest input fits"
        if largest:
            hint = f"the largest that fits, as tried: --net_resolution {largest[0]}x{largest[1]}"
        width, height = geometry.net_sizes[0]
        what = f"out of memory at a network input of {width}x{height}"
        return StageError(what, where="network", hint=hint)


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
