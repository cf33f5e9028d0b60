"""Stage 2 of 5: frame -> maps. A network of crops in plain PyTorch: faces, hands, persons."""

from typing import Any

import numpy as np
import torch
from torch import nn

from openpose_py.errors import StageError


class CropNetwork:
    """A network on one device. hint: what to type where memory does not suffice."""

    def __init__(self, network: nn.Module, device: torch.device, hint: str) -> None:
        self._network = network.to(device).eval()
        self._device = device
        self._hint = hint

    def run(self, crops: np.ndarray) -> np.ndarray:
        """crops: float32 (n, 3, height, width), sides as the network wants them.
        Returns float32 (n, channels, height / stride, width / stride) on the CPU."""
        return self.run_heads(crops)[0]

    def run_heads(self, crops: np.ndarray) -> list[np.ndarray]:
        """As `run`, of a network that puts out several."""
        try:
            with torch.inference_mode():
                maps: Any = self._network(torch.from_numpy(crops).to(self._device))
                heads = maps if isinstance(maps, list) else [maps]
                return [head.cpu().numpy() for head in heads]
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
            hint=self._hint,
        )
