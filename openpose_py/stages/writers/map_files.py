"""Stage 5 of 5: results -> files. The network's output, for `openpose-py decode`."""

import io
from pathlib import Path
from typing import Any

import numpy as np

from openpose_py.records import Maps, Result
from openpose_py.stages.writers.whole_file import write_whole


class MapFiles:
    """Writes `<folder>/<frame name>_maps.npz` for each result that carries maps."""

    def __init__(self, folder: Path, model: str) -> None:
        self.folder = folder
        self.model = model

    def write(self, result: Result) -> None:
        if result.maps is None:
            return
        arrays: dict[str, Any] = map_arrays(result.maps, self.model)
        data = io.BytesIO()
        np.savez(data, **arrays)
        write_whole(self.folder / f"{result.frame.file_stem('maps')}.npz", data.getvalue())

    def close(self) -> None:
        """Nothing to do: every file is complete as soon as it is there."""


def map_arrays(maps: Maps, model: str) -> dict[str, np.ndarray]:
    """What a file holds. `maps_0`, `maps_1`, ...: float32 (channels, height, width) in map cells,
    one a scale. Sizes are width, height; factors and offset are those of `Geometry`.
    """
    geometry = maps.geometry
    arrays = {f"maps_{n}": _on_the_host(scale) for n, scale in enumerate(maps.scales)}
    return arrays | {
        "model": np.array(model),
        "producer_size": np.array(geometry.frame_size, np.int64),
        "net_input_size": np.array(geometry.net_sizes[0], np.int64),
        "net_input_sizes": np.array(geometry.net_sizes, np.int32),
        "scale_number": np.array(len(maps.scales), np.int64),
        "scale_input_to_net_inputs": np.array(geometry.frame_to_net, np.float64),
        "scale_net_to_output": np.array(geometry.net_to_frame, np.float32),
        "nms_offset": np.array(geometry.peak_offset, np.float32),
    }


def _on_the_host(scale: Any) -> np.ndarray:
    """A numpy array of a numpy array or of a torch tensor, wherever it lies."""
    array = scale if isinstance(scale, np.ndarray) else scale.detach().cpu().numpy()
    return array.astype(np.float32, copy=False)
