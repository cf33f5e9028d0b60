"""Tells which network of one person a table of tensors is for, by its keys and shapes.

How the maps are to be read (heat maps, integral, both) and how GCCPM enlarges them is not in the
weights: the model's card says it.
"""

import dataclasses
import functools
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import torch
from torch import nn

from openpose_py.errors import ModelFileError
from openpose_py.networks.deformable import OFFSETS
from openpose_py.networks.fast_pose import FastPose, FastPoseDuc
from openpose_py.networks.gccpm import MAPS, Gccpm
from openpose_py.networks.hrnet import HRNet
from openpose_py.networks.resnet import DEPTHS, ResnetKind
from openpose_py.networks.simple_pose import SimplePose
from openpose_py.weights.state_dict import fill_strictly, read_state_dict

MODULATED = 27  # offset channels of deformable convolutions of version 2
SIGNS = {  # family -> a key that only its files have
    "simple_pose": "deconv_layers.0.weight",
    "fast_pose": "duc1.conv.weight",
    "fast_pose_duc": "duc1.1.weight",
    "hrnet": "transition1.0.0.weight",
    "gccpm": "cpm.0.0.weight",
}
MAX_REFINEMENTS = 9
PUBLISHED = "get the published file; it must hold one of " + ", ".join(SIGNS)

Shapes = Mapping[str, tuple[int, ...]]


@dataclasses.dataclass(frozen=True)
class Identified:
    """family: a key of SIGNS. maps: the network's output channels, one a joint; the last of
    GCCPM's may be the background. details: what else the file decided, for people."""

    family: str
    maps: int
    details: str
    build: Callable[[], nn.Module]


def load_one_person_network(
    path: Path, upsampling: str = "bilinear"
) -> tuple[Identified, nn.Module]:
    """What the file holds, and the network: float32, on the CPU, in eval mode, no gradients.

    upsampling: how GCCPM enlarges maps, "bilinear" or "nearest"; of no matter to the others.
    """
    return one_person_network(read_state_dict(path), path, upsampling)


def one_person_network(
    table: Mapping[str, np.ndarray], path: Path, upsampling: str = "bilinear"
) -> tuple[Identified, nn.Module]:
    """As `load_one_person_network`, of the tensors of `path` by their whole keys."""
    shapes = {key: array.shape for key, array in table.items()}
    found = identify_one_person(shapes, path, upsampling)
    with torch.device("meta"):  # no memory and no random numbers for weights that are replaced
        network = found.build()
    return found, fill_strictly(table, network, path)


def identify_one_person(shapes: Shapes, path: Path, upsampling: str = "bilinear") -> Identified:
    """shapes: whole key -> shape. A table of none of these networks is an error."""
    family = next((name for name, sign in SIGNS.items() if sign in shapes), "")
    if not family:
        raise ModelFileError(_nearly(shapes), where=str(path), hint=PUBLISHED)
    if family == "gccpm":
        return _gccpm(shapes, path, upsampling)
    last = "final_layer.weight" if family in ("simple_pose", "hrnet") else "conv_out.weight"
    joints = _first(shapes, last, path)
    if family == "hrnet":
        width = _first(shapes, "transition1.0.0.weight", path)
        return Identified(family, joints, f"width {width}", functools.partial(HRNet, joints, width))
    kind = _resnet(shapes, path)
    if family == "fast_pose":
        width = _first(shapes, "duc2.conv.weight", path) // 4
        details = f"{_text(kind)}, width {width}"
        return Identified(family, joints, details, functools.partial(FastPose, joints, width, kind))
    network = SimplePose if family == "simple_pose" else FastPoseDuc
    return Identified(family, joints, _text(kind), functools.partial(network, joints, kind))


def _gccpm(shapes: Shapes, path: Path, upsampling: str) -> Identified:
    pattern = re.compile(r"refinement_stages\.(\d+)\.")
    stages = {found[1] for found in map(pattern.match, shapes) if found}
    details = f"{len(stages)} refinement stages"
    if len(stages) > MAX_REFINEMENTS:
        raise ModelFileError(f"holds {details}", where=str(path), hint="published files have 5")
    return Identified("gccpm", MAPS, details, functools.partial(Gccpm, len(stages), upsampling))


def _resnet(shapes: Shapes, path: Path) -> ResnetKind:
    blocks = {key.split(".")[2] for key in shapes if key.startswith("preact.layer3.")}
    depth = next((d for d, layers in DEPTHS.items() if layers[2] == len(blocks)), None)
    if depth is None:
        what = f"holds a residual network with {len(blocks)} blocks in layer 3"
        known = ", ".join(f"{layers[2]} (depth {d})" for d, layers in DEPTHS.items())
        raise ModelFileError(what, where=str(path), hint=f"known are {known}")
    offsets = shapes.get("preact.layer2.0.conv2_offset.weight", (0,))[:1]
    if offsets not in ((0,), (OFFSETS,)):
        version = " of version 2" if offsets == (MODULATED,) else ""
        what = f"holds deformable convolutions{version} with {offsets} offset channels"
        hint = f"the published files have version 1 with {OFFSETS}"
        raise ModelFileError(what, where=str(path), hint=hint)
    return ResnetKind(
        depth,
        squeeze="preact.layer1.0.se.fc.0.weight" in shapes,
        deformable=offsets == (OFFSETS,),
        shuffle="preact.layer2.0.conv2.1.weight" in shapes,
    )


def _first(shapes: Shapes, key: str, path: Path) -> int:
    """The first dimension of a tensor: its output channels."""
    shape = shapes.get(key, ())
    if not shape or not 0 < shape[0] <= 4096:
        raise ModelFileError(f"has no usable {key!r}", where=str(path), hint=PUBLISHED)
    return shape[0]


def _text(kind: ResnetKind) -> str:
    extras = [name for name in ("squeeze", "deformable", "shuffle") if getattr(kind, name)]
    return ", ".join([f"depth {kind.depth}", *extras])


def _nearly(shapes: Shapes) -> str:
    some = ", ".join(list(shapes)[:3])
    return f"holds no known network of one person; its tensors begin with {some}"
