"""Reads darknet's `.weights` files, whose numbers stand in the order of the network's layers."""

from pathlib import Path

import numpy as np
import torch
from torch import nn

from openpose_py.errors import ModelFileError
from openpose_py.networks.yolo_v3_spp import DarkConvolution, YoloV3Spp
from openpose_py.weights.files import map_bytes, read_head

HEADER = 20  # bytes: version as three int32, pictures seen in training as one int64
NUMBER = np.dtype("<f4")
GET_AGAIN = "get yolov3-spp.weights, 252209544 bytes, as AlphaPose uses it"
NORM = ("bias", "weight", "running_mean", "running_var")  # in the order of the file


def load_yolo_v3_spp(path: Path) -> YoloV3Spp:
    """float32, on the CPU, in eval mode, without gradients."""
    with torch.device("meta"):
        network = YoloV3Spp()
    tensors = read_darknet(path, network)
    network.load_state_dict(tensors, assign=True)
    return network.eval().requires_grad_(False)


def read_darknet(path: Path, network: nn.Module) -> dict[str, torch.Tensor]:
    """Key -> tensor for all DarkConvolutions of a network, which may have no memory yet.

    The size of the file must be that of the network; nothing else in it tells them apart.
    """
    read_head(path)
    places = list(_places(network))
    wanted = HEADER + NUMBER.itemsize * sum(int(np.prod(shape)) for _, shape in places)
    whole = map_bytes(path)
    if len(whole) != wanted:
        what = f"has {len(whole)} bytes, a file of this network has {wanted}"
        raise ModelFileError(what, where=str(path), hint=GET_AGAIN)
    numbers = np.frombuffer(whole, NUMBER, offset=HEADER)
    tensors, at = {}, 0
    for key, shape in places:
        values = numbers[at : at + int(np.prod(shape))].astype(np.float32).reshape(shape)
        at += values.size
        if not np.isfinite(values).all():
            what = f"{key!r} has values that are not finite"
            raise ModelFileError(what, where=str(path), hint=GET_AGAIN)
        tensors[key] = torch.from_numpy(values)
    counters = [key for key in network.state_dict() if key.endswith("num_batches_tracked")]
    return tensors | {key: torch.zeros((), dtype=torch.int64, device="cpu") for key in counters}


def _places(network: nn.Module) -> list[tuple[str, tuple[int, ...]]]:
    """Keys and shapes in the order of the file."""
    places = []
    for name, layer in network.named_modules():
        if not isinstance(layer, DarkConvolution):
            continue
        weight = tuple(layer.conv.weight.shape)
        first = ["conv.bias"] if layer.bn is None else [f"bn.{one}" for one in NORM]
        places += [(f"{name}.{key}", weight[:1]) for key in first]
        places.append((f"{name}.conv.weight", weight))
    return places
