"""Networks of one person with the ruled weights of tests/golden/alphapose/random_weights.json."""

import gzip
import json
import zlib
from pathlib import Path

import numpy as np
import torch
from torch import nn

from openpose_py.weights.identify_alphapose import identify_one_person
from openpose_py.weights.state_dict import fill_strictly

ALPHAPOSE = Path(__file__).parents[1] / "golden" / "alphapose"


def shapes_of(name: str) -> dict[str, tuple[int, ...]]:
    """Whole key -> shape of a published file."""
    table = json.loads(gzip.decompress((ALPHAPOSE / f"{name}.json.gz").read_bytes()))
    return {key: tuple(shape) for key, shape in table["keys"].items()}


def ruled_weights(shapes: dict[str, tuple[int, ...]], norm_scale: float) -> dict[str, np.ndarray]:
    """Every tensor follows from its key; counters are left out."""
    table = {}
    for key, shape in shapes.items():
        random = np.random.RandomState(zlib.crc32(key.encode()))
        if key.endswith("num_batches_tracked"):
            continue
        if key.endswith("running_var"):
            values = random.uniform(0.5, 1.5, shape)
        elif len(shape) >= 2:
            values = random.randn(*shape) * np.sqrt(2 / np.prod(shape[1:]))
        elif key.endswith("weight"):
            values = norm_scale * (1 + 0.1 * random.randn(*shape))
        else:
            values = 0.1 * random.randn(*shape)
        table[key] = values.astype(np.float32)
    return table


def ruled_network(name: str, norm_scale: float, upsampling: str = "bilinear") -> nn.Module:
    shapes = shapes_of(name)
    with torch.device("meta"):
        network = identify_one_person(shapes, Path(name), upsampling).build()
    return fill_strictly(ruled_weights(shapes, norm_scale), network, Path(name))
