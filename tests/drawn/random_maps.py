"""Random maps and options: sizes, scales, factors, plateaus, and values that are not numbers."""

import numpy as np
from hypothesis import strategies as st

from openpose_py.records import Geometry, Maps
from openpose_py.stages.people.options import DecodeOptions
from openpose_py.zoo.skeletons import read_skeleton

SKELETON = read_skeleton("MPI")
RATIOS = [0, 1, 1.5, 2, 3.3, 4, 5.75, 8, 11, 16]


@st.composite
def maps_and_options(draw: st.DrawFn) -> tuple[Maps, DecodeOptions]:
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    height, width = draw(st.integers(1, 9)), draw(st.integers(1, 11))
    factors = [1.0, *draw(st.lists(st.floats(0.3, 1.2), max_size=2))]
    scales = []
    for factor in factors:
        shape = max(1, round(height * factor)), max(1, round(width * factor))
        cells = rng.normal(0, 0.4, (SKELETON.channels, *shape)).astype(np.float32)
        if draw(st.booleans()):
            cells = np.round(cells, 1)  # plateaus and ties
        if draw(st.booleans()):
            cells *= rng.random(cells.shape) < 0.2
        if draw(st.integers(0, 9)) == 0:
            cells.flat[rng.integers(cells.size, size=4)] = [np.nan, np.inf, -np.inf, 3e38]
        scales.append(cells)
    size = width * 8, height * 8
    geometry = Geometry(
        size, (size,) * len(scales), tuple(factors), size, 1.0, 1.37, draw(st.floats(0, 1))
    )
    options = DecodeOptions(
        peak_threshold=draw(st.sampled_from([0.0, 0.02, 0.05, 0.6])),
        limb_sample=draw(st.sampled_from([-0.5, 0.01, 0.05])),
        limb_share=draw(st.sampled_from([0.0, 0.4, 0.75, 0.95, 1.0])),
        min_parts=draw(st.integers(1, 4)),
        min_score=draw(st.sampled_from([0.0, 0.05, 0.4])),
        maximize_positives=draw(st.booleans()),
        max_peaks=draw(st.sampled_from([0, 5, 127])),
        upsampling_ratio=draw(st.sampled_from(RATIOS)),
    )
    return Maps(tuple(scales), geometry), options
