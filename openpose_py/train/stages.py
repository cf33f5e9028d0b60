"""Networks that can be trained, by the name that recipes use, and all their outputs in training."""

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import nn

from openpose_py.errors import UsageError, nearest
from openpose_py.networks import compact_cpm, dense_cpm
from openpose_py.networks.compact_cpm import BlockRow, CompactCpm, CompactSize
from openpose_py.networks.dense_cpm import DenseCpm
from openpose_py.networks.gccpm import Gccpm
from openpose_py.networks.lightweight_cpm import Lightweight
from openpose_py.train.recipe import Recipe
from openpose_py.zoo.cards import card_named

# For first tries and tests: learns a few drawn people in a minute, no more.
TINY = CompactSize(
    maps=compact_cpm.BODY_25B_MAPS,
    rows=(
        BlockRow(1, 3, 2, 24, 1),
        BlockRow(2, 3, 2, 32, 1),
        BlockRow(2, 3, 2, 48, 1),
        BlockRow(2, 3, 2, 48, 1),
    ),
    stem=16,
    width=48,
)

TRAINABLE: dict[str, Callable[..., nn.Module]] = {
    "body_25": dense_cpm.body_25,
    "body_25b_option1": dense_cpm.body_25b_option1,
    "body_25b_option2": dense_cpm.body_25b_option2,
    "body_135": dense_cpm.body_135,
    "body_25b_compact": compact_cpm.body_25b_for_training,
    "body_25b_tiny": functools.partial(CompactCpm, TINY),
    "lightweight_openpose": functools.partial(Lightweight, normed=True),
    "gccpm": Gccpm,
}
REFINED = ("lightweight_openpose", "gccpm")  # their number of refinement stages can be chosen
MEANS, DEVIATIONS = (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)  # of ImageNet, R G B


class Output(NamedTuple):
    """maps (n, channels, h, w) that stand for the network's channels from `first` on."""

    first: int
    maps: torch.Tensor


class AllStages(nn.Module):
    """A network that returns what each of its stages puts out."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: torch.Tensor) -> list[Output]:
        """x: float32 (n, 3, h, w) as `normalised` gives it, h and w multiples of 16."""
        if isinstance(self.network, CompactCpm | Lightweight | Gccpm):
            return [Output(0, maps) for maps in self.network.stages(x)]
        if isinstance(self.network, DenseCpm):
            return _dense_stages(self.network, x)
        return [Output(0, self.network(x))]


def _dense_stages(network: DenseCpm, x: torch.Tensor) -> list[Output]:
    """All field stages first, then the heat maps; in the network's output heat maps come first."""
    features = network.run_features(network.run_stem(x))
    fields, heats, seen = [], [], features
    for stage in network.paf_stages:
        fields.append(network.run_stage(stage, seen))
        seen = torch.cat([features, fields[-1]], dim=1)
    for stage in network.heat_stages:
        heats.append(network.run_stage(stage, seen))
        seen = torch.cat([features, heats[-1], fields[-1]], dim=1)
    first_field = heats[-1].shape[1]
    return [Output(first_field, maps) for maps in fields] + [Output(0, maps) for maps in heats]


def normalised(pixels: torch.Tensor, normalisation: str) -> torch.Tensor:
    """pixels: uint8 (n, 3, h, w), B G R -> float32, as a card of that `normalisation` wants it."""
    if normalisation == "imagenet":
        rgb = pixels.flip(1).float()
        means, deviations = (torch.tensor(row, device=pixels.device) for row in (MEANS, DEVIATIONS))
        return (rgb - means[:, None, None]) / deviations[:, None, None]
    return pixels.float() / 256 - 0.5


def build_for(recipe: Recipe) -> nn.Module:
    """The recipe's network with fresh weights."""
    options: dict[str, Any] = {}
    if recipe.refinements:
        if recipe.network not in REFINED:
            raise UsageError(f"{recipe.network} has no stages to choose", where="refinements",
                             hint=f"leave it out, or use {' or '.join(REFINED)}")  # fmt: skip
        options["refinements"] = recipe.refinements
    if recipe.network == "gccpm":
        options["upsampling"] = card_named(recipe.card).upsampling
    return build(recipe.network, **options)


def build(name: str, **options: Any) -> nn.Module:
    """A network of TRAINABLE with fresh weights."""
    if name not in TRAINABLE:
        hint = nearest(name, TRAINABLE) or f"networks: {', '.join(TRAINABLE)}"
        raise UsageError(f"there is no network {name!r} to train", where="network", hint=hint)
    network = TRAINABLE[name](**options)
    if isinstance(network, DenseCpm):
        _init_as_caffe(network)
    return network


def _init_as_caffe(network: DenseCpm) -> None:
    """Biases 0, weights uniform with variance 1 / fan in, as openpose_train has them; slopes are
    0.25 in torch as well. VGG's layers, which --init should fill, have variance 2 / fan in."""
    for name, layer in network.named_children():
        if isinstance(layer, nn.Conv2d):
            vgg = name.startswith("conv") and "CPM" not in name
            bound = ((6 if vgg else 3) / layer.weight[0].numel()) ** 0.5
            nn.init.uniform_(layer.weight, -bound, bound)
            nn.init.constant_(layer.get_parameter("bias"), 0.0)
