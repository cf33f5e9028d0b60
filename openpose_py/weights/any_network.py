"""A weight file of whatever kind and network, known by what it holds."""

import dataclasses
from pathlib import Path

from torch import nn

from openpose_py.networks import NETWORKS
from openpose_py.weights.darknet import load_yolo_v3_spp
from openpose_py.weights.files import kind_of
from openpose_py.weights.identify_alphapose import SIGNS, one_person_network
from openpose_py.weights.load import load_network
from openpose_py.weights.state_dict import read_state_dict

STATE_DICTS = ("torch", "safetensors")
DARKNET = ".weights"  # numbers alone: only the name tells the format


@dataclasses.dataclass(frozen=True)
class AnyNetwork:
    """name: as in the cards' `networks`. maps: its output channels where one name stands for
    networks of several skeletons, else None."""

    name: str
    maps: int | None
    network: nn.Module


def load_any_network(path: Path) -> AnyNetwork:
    """The network in eval mode with all its weights; a file of none that is known is an error."""
    if path.suffix.lower() == DARKNET:
        return AnyNetwork("yolo_v3_spp", None, load_yolo_v3_spp(path))
    if kind_of(path) in STATE_DICTS:
        table = read_state_dict(path)
        if any(sign in table for sign in SIGNS.values()):
            found, network = one_person_network(table, path)
            return AnyNetwork(found.family, found.maps, network)
    name, network = load_network(path, list(NETWORKS))
    return AnyNetwork(name, None, network)
