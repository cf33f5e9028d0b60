"""A network as it goes into a file: cut at a stage, with its preprocessing, with named outputs.

Input and outputs are named as the converters of the published models named them, so that programs
made for those files find them.
"""

import copy
from typing import NamedTuple

import torch
from torch import nn

from openpose_py.errors import UsageError
from openpose_py.export.facts import BAKED, Facts
from openpose_py.networks.compact_cpm import CompactCpm
from openpose_py.networks.gccpm import Gccpm
from openpose_py.networks.lightweight_cpm import HEAT_CHANNELS, HumanPose0001, Lightweight
from openpose_py.networks.tfpose_mobilenet import TfPose
from openpose_py.networks.vgg_cpm import VggCpm
from openpose_py.zoo.cards import ModelCard

STAGED = (CompactCpm, Gccpm, Lightweight)  # networks that can show the maps of every stage
SIZE_STEP = 8  # sides of an input are multiples of it
LIGHTWEIGHT_NAMES = ("stage_{}_output_1_heatmaps", "stage_{}_output_0_pafs")
HUMAN_POSE_NAMES = ("Mconv7_stage2_L2", "Mconv7_stage2_L1")


class Preprocessing(NamedTuple):
    """normalised = (value - mean) / scale, value 0 to 255, each in the order of `channels`."""

    mean: tuple[float, float, float]
    scale: tuple[float, float, float]
    channels: str = "BGR"


# by the `normalisation` of a model's card
PREPROCESSING = {
    "vgg": Preprocessing((128, 128, 128), (256, 256, 256)),
    "none": Preprocessing((0, 0, 0), (1, 1, 1)),
    "imagenet": Preprocessing((123.675, 116.28, 103.53), (58.395, 57.12, 57.375), "RGB"),
    # as its networks learned it: the means of B, G, R taken off R, G, B, each a part of 255
    "alphapose": Preprocessing((103.53, 116.535, 122.4), (255, 255, 255), "RGB"),
}


class Wishes(NamedTuple):
    """size: height and width of the input, None: that of the card, or any. stages: how many
    refinements behind the first stage, None: all. bake: take the values 0 to 255. all_stages: show
    the maps of each stage."""

    size: tuple[int, int] | None = None
    stages: int | None = None
    bake: bool = False
    all_stages: bool = False


class Exported(nn.Module):
    """outputs: names, in the order of `forward`'s."""

    def __init__(self, name: str, network: nn.Module, card: ModelCard, wishes: Wishes) -> None:
        super().__init__()
        size = wishes.size or card.input
        if size and any(side < SIZE_STEP or side % SIZE_STEP for side in size):
            raise UsageError("must be two multiples of 8: height and width", where="--input_size")
        self.network = _cut(network, wishes.stages)
        self.last = wishes.stages
        self.baked = wishes.bake
        preprocessing = PREPROCESSING[card.normalisation]
        self.turned = wishes.bake and preprocessing.channels == "RGB"
        mean, scale = (torch.tensor(row).reshape(1, 3, 1, 1).float() for row in preprocessing[:2])
        self.register_buffer("mean", mean)
        self.register_buffer("scale", scale)
        self.all_stages = wishes.all_stages and isinstance(network, Gccpm | Lightweight)
        self.outputs, maps = self._names()
        self.facts = Facts(
            network=name,
            model=card.name,
            skeleton=card.skeleton,
            normalisation=BAKED if wishes.bake else card.normalisation,
            channels="BGR" if wishes.bake else preprocessing.channels,
            stride=card.stride,
            input="data" if isinstance(network, Gccpm | Lightweight | HumanPose0001) else "image",
            maps=tuple(maps),
            size=size or (),
        )
        self.eval()  # the whole, or exporting would set the network back to training

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """x: float32 (n, 3, h, w), baked: B G R. Returns one tensor an output."""
        if self.baked:
            x = x.flip(1) if self.turned else x
            x = (x - self.get_buffer("mean")) / self.get_buffer("scale")
        shown = self._stages(x) if self.all_stages else self._stages(x)[-1:]
        return tuple(part for maps in shown for part in self._parts(maps))

    def example(self, height: int = 64, width: int = 96) -> torch.Tensor:
        """An input of the file's own size, or of the given one; the same values every time."""
        if self.facts.size:
            height, width = self.facts.size
        values = torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(1))
        return values * 255 if self.facts.normalisation == BAKED else values - 0.5

    def _stages(self, x: torch.Tensor) -> list[torch.Tensor]:
        if isinstance(self.network, STAGED):
            found: list[torch.Tensor] = self.network.stages(x)
            return found if self.last is None else found[: self.last + 1]
        return [self.network(x)]

    def _parts(self, maps: torch.Tensor) -> list[torch.Tensor]:
        if isinstance(self.network, Lightweight | HumanPose0001):
            return [maps[:, :HEAT_CHANNELS], maps[:, HEAT_CHANNELS:]]
        return [maps]

    def _names(self) -> tuple[list[str], list[str]]:
        """All outputs, and those of the last stage."""
        if isinstance(self.network, HumanPose0001):
            return list(HUMAN_POSE_NAMES), list(HUMAN_POSE_NAMES)
        if not isinstance(self.network, Gccpm | Lightweight):
            return ["net_output"], ["net_output"]
        last = len(self.network.refinement_stages) if self.last is None else self.last
        kinds = LIGHTWEIGHT_NAMES[: 2 if isinstance(self.network, Lightweight) else 1]
        names = [kind.format(n) for n in range(last + 1) for kind in kinds]
        maps = names[-len(kinds) :]
        return (names if self.all_stages else maps), maps


def _cut(network: nn.Module, stages: int | None) -> nn.Module:
    """The network without the refinements behind the first `stages` of them."""
    if stages is None:
        return network
    there = _refinements(network)
    if not 0 <= stages <= there:
        raise UsageError(f"must be 0 to {there}, got {stages}", where="--stages")
    if isinstance(network, VggCpm):
        network = copy.copy(network)
        network.stages = network.stages[: stages + 1]
    elif isinstance(network, TfPose):
        network = copy.copy(network)
        network.refinement = network.refinement._replace(stages=stages + 1)
    return network


def _refinements(network: nn.Module) -> int:
    if isinstance(network, CompactCpm):
        return len(network.size.stages) - 1
    if isinstance(network, Gccpm | Lightweight):
        return len(network.refinement_stages)
    if isinstance(network, VggCpm):
        return len(network.stages) - 1
    if isinstance(network, TfPose):
        return network.refinement.stages - 1
    raise UsageError("the stages of this network stand on each other: none can be left out",
                     where="--stages")  # fmt: skip
