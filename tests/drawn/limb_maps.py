"""Random maps of COCO's 18 points in which many limbs are found, for decoders with fixed
thresholds."""

import numpy as np
from hypothesis import strategies as st

from openpose_py.records import Geometry, Maps
from openpose_py.zoo.skeletons import read_skeleton

COCO = read_skeleton("COCO")


def limb_maps(seed: int, cells: tuple[int, int], stride: int = 8) -> Maps:
    """cells: height, width. With plateaus, lone cells and fields that favour every limb, by chance
    of the seed."""
    random = np.random.default_rng(seed)
    maps = random.normal(0, 0.4, (COCO.channels, *cells)).astype(np.float32)
    if random.random() < 0.5:
        maps = np.round(maps, 1)
    if random.random() < 0.5:
        maps *= random.random(maps.shape) < 0.2
    maps[len(COCO.parts) + 1 :] += np.float32(random.choice([0, 0.4]))
    size = cells[1] * stride, cells[0] * stride
    geometry = Geometry(size, (size,), (1.0,), size, 1.0, 1.37, 0.25)
    return Maps((maps,), geometry, stride)


@st.composite
def random_limb_maps(draw: st.DrawFn) -> Maps:
    cells = draw(st.integers(1, 9)), draw(st.integers(1, 11))
    return limb_maps(draw(st.integers(0, 2**32 - 1)), cells, draw(st.sampled_from([4, 8])))
