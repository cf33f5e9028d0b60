"""Stage 2 of 5: frame -> maps. A face or hand network in plain PyTorch, on batches of crops."""

import numpy as np
import torch
from torch import nn

from openpose_py.errors import StageError


class CropNetwork:
    """A network on one device. flag: the one that sets the crops' size, for messages."""

    def __init__(self, network: nn.Module, device: torch.device, flag: str) -> None:
        self._network = network.to(device).eval()
        self._device = device
        self._flag = flag

    def run(self, crops: np.ndarray) -> np.ndarray:
        """crops: float32 (n, 3, side, side), see `crops.crop_inputs`; side a multiple of 8.
        Returns float32 (n, channels, side / 8, side / 8) on the CPU."""
        try:
            with torch.inference_mode():
                maps: torch.Tensor = self._network(torch.from_numpy(crops).to(self._device))
                return maps.cpu().numpy()
        except (torch.OutOfMemoryError, MemoryError) as problem:
            raise self._out_of_memory(crops) from problem
        except RuntimeError as problem:
            if "memory" in str(problem):
                raise self._out_of_memory(crops) from problem
            raise

    def _out_of_memory(self, crops: np.ndarray) -> StageError:
        return StageError(
            f"out of memory at {len(crops)} crops of {crops.shape[3]}x{crops.shape[2]}",
            where="network",
            hint=f"use a smaller {self._flag}, for example 256x256",
        )
