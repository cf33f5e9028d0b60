"""A weight file into a network that is ready to run."""

import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn

from openpose_py.errors import ModelFileError
from openpose_py.networks import NETWORKS
from openpose_py.networks.lightweight_cpm import folded_layers
from openpose_py.weights.caffemodel import read_caffemodel
from openpose_py.weights.files import kind_of
from openpose_py.weights.graphdef import read_graph_layers
from openpose_py.weights.identify import Layers, check_allowed, identify
from openpose_py.weights.numpy_file import read_numpy_layers
from openpose_py.weights.openvino_ir import read_ir_layers
from openpose_py.weights.state_dict import bare_keys, read_state_dict
from openpose_py.weights.tf_checkpoint import read_checkpoint_layers

GET_AGAIN = "the file is damaged or of another version of this network: get the published one"
LIGHTWEIGHT = "initial_stage.trunk.0.0.weight"  # a key that only Lightweight OpenPose's files have
BLOB_NAMES = ("weight", "bias")  # in the order of a caffemodel
READERS: dict[str, Callable[[Path], dict[str, list[np.ndarray]]]] = {
    "caffemodel": read_caffemodel,
    "graph": read_graph_layers,
    "checkpoint": read_checkpoint_layers,
    "numpy": read_numpy_layers,
    "openvino": read_ir_layers,
}

Shape = tuple[int, ...]
logger = logging.getLogger(__name__)


def load_network(path: Path, allowed: Sequence[str]) -> tuple[str, nn.Module]:
    """The name of the network that the file holds, one of `allowed`, and the network itself:
    float32, on the CPU, in eval mode, without gradients.
    """
    layers = read_layers(path)
    name = check_allowed(identify(layers, path), allowed, path)
    with torch.device("meta"):  # no memory and no random numbers for weights that are replaced
        network = NETWORKS[name]()
    weights = match_layers(layers, wanted_shapes(network), path)
    tensors = {key: torch.from_numpy(array) for key, array in weights.items()}
    network.load_state_dict(tensors, assign=True)
    return name, network.eval().requires_grad_(False)


def read_layers(path: Path) -> dict[str, list[np.ndarray]]:
    """Layer name -> [weight, bias] or [slope], float32, from any kind of weight file."""
    kind = kind_of(path)
    if kind in READERS:
        return READERS[kind](path)
    table = read_state_dict(path)
    if LIGHTWEIGHT in table:
        return folded_layers(table)
    table = bare_keys(table, path)
    names = [key.removesuffix(".weight") for key in table if key.endswith(".weight")]
    keys = {name: [f"{name}.{blob}" for blob in BLOB_NAMES] for name in names}
    return {name: [table[key] for key in keys[name] if key in table] for name in names}


def wanted_shapes(network: nn.Module) -> dict[str, list[Shape]]:
    """Layer name -> shapes of its blobs in a file's order."""
    shapes: dict[str, list[Shape]] = {}
    for key, tensor in network.state_dict().items():
        shapes.setdefault(key.rpartition(".")[0], []).append(tuple(tensor.shape))
    return shapes


def match_layers(
    layers: Layers, wanted: Mapping[str, Sequence[Shape]], path: Path
) -> dict[str, np.ndarray]:
    """`layer.weight` and `layer.bias` -> array, for every wanted layer, in the wanted shape."""
    matched = {}
    for name, shapes in wanted.items():
        if name not in layers:
            raise ModelFileError(f"layer {name!r} is missing", where=str(path), hint=GET_AGAIN)
        blobs = layers[name]
        found = [blob.shape for blob in blobs]
        same = len(found) == len(shapes) and all(map(_fits, found, shapes))
        if not same:
            what = f"layer {name!r} is {_text(found)}, wanted {_text(shapes)}"
            raise ModelFileError(what, where=str(path), hint=GET_AGAIN)
        for blob_name, blob, shape in zip(BLOB_NAMES, blobs, shapes, strict=False):
            matched[f"{name}.{blob_name}"] = blob.reshape(shape)
    extra = [name for name in layers if name not in wanted]
    if extra:
        logger.info("%s: %d layers are not used: %s", path, len(extra), ", ".join(extra[:5]))
    return matched


def _fits(found: Shape, wanted: Shape) -> bool:
    """Old caffemodels fill shapes up with ones in front, to four axes."""
    return found in (wanted, (1,) * (4 - len(wanted)) + tuple(wanted))


def _text(shapes: Sequence[Shape]) -> str:
    return " and ".join("x".join(map(str, shape)) for shape in shapes)
