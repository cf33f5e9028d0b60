"""Stage 2 of 5: frame -> maps. A network of crops in plain PyTorch: faces, hands, persons."""

from typing import Any

import numpy as np
import torch
from torch import nn

from openpose_py.errors import StageError
from openpose_py.stages.maps.engines.memory import Batches


class CropNetwork:
    """A network on one device. hint: what to type where memory does not suffice."""

    def __init__(self, network: nn.Module, device: torch.device, hint: str) -> None:
        self._network = network.to(device).eval()
        self._device = device
        self._hint = hint
        self._batches = Batches()

    def run(self, crops: np.ndarray) -> np.ndarray:
        """crops: float32 (n, 3, height, width), sides as the network wants them.
        Returns float32 (n, channels, height / stride, width / stride) on the CPU."""
        return self.run_heads(crops)[0]

    def run_heads(self, crops: np.ndarray) -> list[np.ndarray]:
        """As `run`, of a network that puts out several; in halves where memory does not suffice."""
        given: Any = crops
        pieces = list(self._batches.run(given, self._heads, self._out_of_memory))
        heads = zip(*(pieces or [self._heads(crops)]), strict=True)
        return [head[0] if len(head) == 1 else np.concatenate(head) for head in heads]

    def _heads(self, crops: Any) -> list[np.ndarray]:
        with torch.inference_mode():
            maps: Any = self._network(torch.from_numpy(crops).to(self._device))
            heads = maps if isinstance(maps, list) else [maps]
            return [head.cpu().numpy() for head in heads]

    def _out_of_memory(self, crops: Any) -> StageError:
        return StageError(
            f"out of memory at a crop of {crops.shape[3]}x{crops.shape[2]}",
            where="network",
            hint=self._hint,
        )
