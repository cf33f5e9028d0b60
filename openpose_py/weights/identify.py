"""Tells which of the networks a weight file is for, by its layers, never by its name."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from openpose_py.errors import ModelFileError
from openpose_py.zoo.cards import cards

Layers = Mapping[str, Sequence[np.ndarray]]

# The first row whose layer is there with this weight shape (out, in, height, width) decides.
RULES = (
    ("conv4_11_CPM", (512, 2368, 1, 1), "body_25b_option1"),
    ("Mconv10_stage3_L2", (304, 512, 1, 1), "body_135"),
    ("Mconv7_stage4_L2", (72, 512, 1, 1), "body_25b_option2"),
    ("Mconv7_stage1_L1", (26, 512, 1, 1), "body_25"),
    ("stage3_maps", (97, 128, 1, 1), "body_25b_compact"),
    ("Mconv1_stage2_L1/sq", (128, 185, 1, 1), "human_pose_estimation_0001"),
    ("conv5_1_CPM_L2_pointwise", (128, 128, 1, 1), "tfpose_dsconv"),
    ("conv5_5_CPM_L2", (19, 512, 1, 1), "coco"),
    ("conv5_5_CPM_L2", (16, 512, 1, 1), "mpi"),
    ("conv6_2_CPM", (71, 512, 1, 1), "face"),
    ("conv6_2_CPM", (22, 512, 1, 1), "hand"),
    ("Openpose/MConv_Stage2_L1_1_pointwise", (64, 121, 1, 1), "tfpose_mobilenet_v2_small"),
    ("Openpose/MConv_Stage2_L1_1_pointwise", (128, 241, 1, 1), "tfpose_mobilenet_v2_large"),
    ("Openpose/MConv_Stage2_L1_1_pointwise", (64, 921, 1, 1), "tfpose_mobilenet_thin"),
    ("Openpose/MConv_Stage2_L1_1_pointwise", (128, 585, 1, 1), "tfpose_mobilenet"),
    ("Openpose/MConv_Stage2_L1_1_pointwise", (64, 585, 1, 1), "tfpose_mobilenet_narrow"),
    ("Openpose/MConv_Stage2_L1_1_pointwise", (64, 409, 1, 1), "tfpose_mobilenet_fast"),
    ("Openpose/MConv_Stage2_L1_1_pointwise", (128, 761, 1, 1), "tfpose_mobilenet_accurate"),
    ("refinement_stages.4.trunk.0.initial.0", (128, 185, 1, 1), "lightweight_openpose_5"),
    ("refinement_stages.3.trunk.0.initial.0", (128, 185, 1, 1), "lightweight_openpose_4"),
    ("refinement_stages.2.trunk.0.initial.0", (128, 185, 1, 1), "lightweight_openpose_3"),
    ("refinement_stages.1.trunk.0.initial.0", (128, 185, 1, 1), "lightweight_openpose_2"),
    ("refinement_stages.0.trunk.0.initial.0", (128, 185, 1, 1), "lightweight_openpose"),
)
FIRST_STAGES = {  # network -> the one that its first stages are
    "mpi": "mpi_4_layers",
    **{f"lightweight_openpose_{stages}": "lightweight_openpose" for stages in range(2, 6)},
}
MPI_FIFTH_STAGE = "Mconv1_stage5_L1"
VGG_ONLY = ("fc6", "conv5_4")


def identify(layers: Layers, path: Path) -> str:
    """The network's name as in networks.NETWORKS; a file that holds none of them is an error."""
    for layer, shape, network in RULES:
        if layer in layers and layers[layer] and layers[layer][0].shape == shape:
            short = network == "mpi" and MPI_FIFTH_STAGE not in layers
            return "mpi_4_layers" if short else network
    if any(name in layers for name in VGG_ONLY):
        what = "holds VGG-19, where training starts, not a network that finds people"
        raise ModelFileError(what, where=str(path), hint=f"known networks: {', '.join(_known())}")
    raise ModelFileError(_nearly(layers), where=str(path), hint=f"known: {', '.join(_known())}")


def check_allowed(network: str, allowed: Sequence[str], path: Path) -> str:
    """The network to build for this file: its own, or the one that its first stages are."""
    if network in allowed:
        return network
    if FIRST_STAGES.get(network) in allowed:
        return FIRST_STAGES[network]
    model = model_of(network)
    hint = f"use --model_pose {model}" if model in cards() else f"it is the {model} network's file"
    wanted = " or ".join(dict.fromkeys(map(model_of, allowed)))
    raise ModelFileError(f"holds {model}, not {wanted}", where=str(path), hint=hint)


def model_of(network: str) -> str:
    """The --model_pose name of a network; face and hand keep their own."""
    return next((c.name for c in cards().values() if network in c.networks), network)


def _known() -> list[str]:
    networks = dict.fromkeys(network for _, _, network in RULES)
    return list(dict.fromkeys(map(model_of, networks)))


def _nearly(layers: Layers) -> str:
    for name in dict.fromkeys(layer for layer, _, _ in RULES):
        if layers.get(name):
            known = [shape for layer, shape, _ in RULES if layer == name]
            return (
                f"holds no known network: the weight of {name!r} has shape "
                f"{layers[name][0].shape}, known are {', '.join(map(str, known))}"
            )
    some = ", ".join(list(layers)[:3])
    return f"holds no known network; its layers begin with {some}"
