"""One process or, under `torchrun`, several that share each step's samples."""

import dataclasses
import os

import torch
from torch import distributed, nn
from torch.nn.parallel import DistributedDataParallel

from openpose_py.errors import UsageError


@dataclasses.dataclass(frozen=True)
class Processes:
    rank: int
    ranks: int
    device: torch.device

    @property
    def first(self) -> bool:
        return self.rank == 0

    def shared(self, network: nn.Module) -> nn.Module:
        """The network with its gradients averaged over all processes."""
        if self.ranks == 1:
            return network
        if self.device.type == "cuda":
            network = nn.SyncBatchNorm.convert_sync_batchnorm(network)
            return DistributedDataParallel(network, device_ids=[self.device.index])
        return DistributedDataParallel(network)

    def agreed(self, wish: bool) -> bool:
        """True in all processes as soon as one of them wishes it."""
        return bool(self.largest(int(wish)))

    def largest(self, number: int) -> int:
        """The largest of all processes' numbers."""
        if self.ranks == 1:
            return number
        shared = torch.tensor(number, device=self.device)
        distributed.all_reduce(shared, op=distributed.ReduceOp.MAX)
        return int(shared)

    def mean(self, values: torch.Tensor) -> torch.Tensor:
        """The mean over all processes."""
        if self.ranks > 1:
            distributed.all_reduce(values)
            values = values / self.ranks
        return values

    def close(self) -> None:
        if self.ranks > 1:
            distributed.destroy_process_group()


def join_processes(device_name: str) -> Processes:
    """device_name: auto, cpu, cuda or cuda:N. torchrun's environment tells who we are."""
    rank, ranks = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
    local = int(os.environ.get("LOCAL_RANK", 0))
    available = torch.cuda.is_available()
    name = ("cuda" if available else "cpu") if device_name == "auto" else device_name
    try:
        device = torch.device(name)
    except RuntimeError as problem:
        raise UsageError(f"unknown device {name!r}", where="--device") from problem
    if device.type not in ("cpu", "cuda"):
        raise UsageError(f"{name!r} is not supported", where="--device", hint="use cpu or cuda")
    if device.type == "cuda":
        index = local if device.index is None else device.index
        count = torch.cuda.device_count() if available else 0
        if index >= count:
            raise UsageError(f"there is no GPU {index}: PyTorch sees {count}", where="--device")
        device = torch.device("cuda", index)
        torch.cuda.set_device(device)
    if ranks > 1:
        distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
    return Processes(rank, ranks, device)
