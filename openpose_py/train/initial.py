"""What a training starts from: a weight file of the network, of a part of it, or of ImageNet."""

import logging
import pickle
from pathlib import Path

import torch
from torch import nn

from openpose_py.errors import ModelFileError
from openpose_py.networks.compact_cpm import NORM, CompactCpm
from openpose_py.networks.gccpm import Gccpm
from openpose_py.networks.lightweight_cpm import Lightweight
from openpose_py.weights.caffemodel import read_caffemodel
from openpose_py.weights.files import kind_of
from openpose_py.weights.state_dict import bare_keys, read_state_dict

log = logging.getLogger(__name__)

Table = dict[str, torch.Tensor]
BLOBS = ("weight", "bias")  # of a layer in a caffemodel
# An ImageNet file of EfficientNet-lite has this layer, and behind its blocks a classifier's.
IMAGENET_STEM, BEHIND_BLOCKS = "_conv_stem.weight", ("_conv_head", "_bn1", "_fc")
# It was trained on R G B, value / 127.5 - 1; ours is B G R, value / 256 - 0.5.
INPUT_GAIN, INPUT_SHIFT = 256 / 127.5, 128 / 127.5 - 1


def load_initial(network: nn.Module, path: Path) -> list[str]:
    """Fills `network` from the file where names and shapes agree; returns the names of the norms
    that must stay as they are, because the file has them multiplied into its convolutions."""
    table = _imagenet(network, path) if isinstance(network, CompactCpm) else None
    folded: list[str] = []
    if table is None:
        table = _read(path, whole_keys=isinstance(network, Lightweight | Gccpm))
        if isinstance(network, CompactCpm):
            folded = _unfold(network, table)
    own = network.state_dict()
    fits = {key: value for key, value in table.items() if _fits(own, key, value)}
    if not fits:
        raise ModelFileError("has no layer of this network", where=str(path))
    network.load_state_dict({k: v.reshape(own[k].shape) for k, v in fits.items()}, strict=False)
    wanted = [key for key in own if not key.endswith("num_batches_tracked")]
    fresh = [key for key in wanted if key not in fits]
    log.info("%s: %d of %d arrays taken", path, len(fits), len(wanted))
    if fresh:
        log.info("fresh: %s%s", ", ".join(fresh[:5]), ", ..." if len(fresh) > 5 else "")
    return folded


def _read(path: Path, whole_keys: bool) -> Table:
    """whole_keys: those of a MobileNet of ImageNet are then the backbone's own."""
    if kind_of(path) == "caffemodel":
        layers = read_caffemodel(path)
        arrays = {
            f"{layer}.{blob}": array
            for layer, blobs in layers.items()
            for blob, array in zip(BLOBS, blobs, strict=False)
        }
    else:
        table = read_state_dict(path)
        arrays = dict(table) if whole_keys else bare_keys(table, path)
    return {key: torch.from_numpy(array) for key, array in arrays.items()}


def _fits(own: Table, key: str, value: torch.Tensor) -> bool:
    """Old caffemodels have ones in front of their shapes."""
    if key not in own:
        return False
    wanted = tuple(own[key].shape)
    return tuple(value.shape) in (wanted, (1,) * (4 - len(wanted)) + wanted)


def _unfold(network: CompactCpm, table: Table) -> list[str]:
    """Gives a file without norms such as change nothing; they are marked to be kept."""
    folded = []
    for name, norm in network.named_children():
        layer = name.removesuffix(NORM)
        bias = table.pop(f"{layer}.bias", None) if isinstance(norm, nn.BatchNorm2d) else None
        if isinstance(norm, nn.BatchNorm2d) and bias is not None and f"{name}.weight" not in table:
            table[f"{name}.weight"] = torch.ones_like(bias)
            table[f"{name}.bias"] = bias
            table[f"{name}.running_mean"] = torch.zeros_like(bias)
            table[f"{name}.running_var"] = torch.full_like(bias, 1 - norm.eps)
            folded.append(name)
    return folded


def _imagenet(network: CompactCpm, path: Path) -> Table | None:
    """The backbone of an EfficientNet-lite file; None if the file is another one."""
    if kind_of(path) != "torch":
        return None
    try:
        file = torch.load(str(path), map_location="cpu", weights_only=True)
    except (RuntimeError, OSError, EOFError, ValueError, pickle.UnpicklingError):
        return None  # the strict reader will say what is wrong
    if not isinstance(file, dict) or IMAGENET_STEM not in file:
        return None
    theirs = {
        key: value.float()
        for key, value in file.items()
        if not key.startswith(BEHIND_BLOCKS) and not key.endswith("num_batches_tracked")
    }
    ours = [
        key
        for key in network.state_dict()
        if key.startswith(("stem", "block")) and not key.endswith("num_batches_tracked")
    ]
    if len(ours) != len(theirs):
        raise ModelFileError(f"has {len(theirs)} arrays, wanted {len(ours)}", where=str(path))
    table = dict(zip(ours, theirs.values(), strict=True))
    weight = table["stem.weight"]
    table[f"stem{NORM}.running_mean"] -= weight.sum((1, 2, 3)) * INPUT_SHIFT
    table["stem.weight"] = weight.flip(1) * INPUT_GAIN
    return table
