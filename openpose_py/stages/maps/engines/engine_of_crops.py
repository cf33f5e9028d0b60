"""Stage 2 of 5: frame -> maps. Crops of persons through an engine of whole frames, one by one.

Exported networks of crops take one input of one size.
"""

from collections.abc import Callable

import numpy as np
import torch

from openpose_py.records import NetInput
from openpose_py.stages.maps.engines.engine import Engine
from openpose_py.stages.maps.sizes import SizeWishes, geometry_of


class EngineOfCrops:
    """prepared: turns normalised crops into what the engine wants; None: nothing."""

    def __init__(
        self, engine: Engine, prepared: Callable[[np.ndarray], np.ndarray] | None = None
    ) -> None:
        self._engine = engine
        self._prepared = prepared

    def run(self, crops: np.ndarray) -> np.ndarray:
        """crops: float32 (n, 3, height, width), n at least 1. Returns float32 (n, channels,
        height / stride, width / stride) on the CPU."""
        size = crops.shape[3], crops.shape[2]
        if self._prepared:
            crops = self._prepared(crops)
        tensors = tuple(np.ascontiguousarray(crop[None], np.float32) for crop in crops)
        maps = self._engine.run(NetInput(tensors, geometry_of(size, SizeWishes(size))))
        return np.stack([torch.as_tensor(one).cpu().numpy() for one in maps.scales])
