"""Stage 3 of 5: maps -> people. The definition of face and hand points: the highest pixel.

It upsamples the maps of a crop and scans them; `argmax_cpu` answers the same without that.
"""

import numpy as np

from openpose_py.records import Geometry, Maps
from openpose_py.stages.people.reference_maps import upsample
from openpose_py.upsampling.axes import as_float32

STRIDE = 8


def highest_points(maps: np.ndarray, parts: int) -> np.ndarray:
    """maps: float32 (n, channels, height, width), a crop a row, the first `parts` channels its
    parts. Returns float32 (n, parts, 3): x, y in crop pixels, score.

    The highest value of the upsampled map; of equal ones the first in raster order; whole pixels.
    Values that are not numbers never win; where nothing else is, the point is 0, 0, 0.
    """
    with np.errstate(invalid="ignore", over="ignore"):
        points = [_highest(upsample(maps_of_crop(crop[:parts]))) for crop in as_float32(maps)]
    return np.array(points, np.float32).reshape(len(points), parts, 3)


def maps_of_crop(cells: np.ndarray) -> Maps:
    """cells: float32 (parts, height, width), the output for one crop."""
    size = cells.shape[2] * STRIDE, cells.shape[1] * STRIDE
    return Maps((cells,), Geometry(size, (size,), (1.0,), size, 1.0, 1.0, 0.0), STRIDE)


def _highest(upsampled: np.ndarray) -> list[tuple[float, float, float]]:
    rows = []
    for heat in upsampled:
        values = np.where(np.isfinite(heat), heat, -np.inf)
        y, x = divmod(int(values.argmax()), heat.shape[1])
        rows.append((x, y, values[y, x]) if np.isfinite(values[y, x]) else (0.0, 0.0, 0.0))
    return rows
