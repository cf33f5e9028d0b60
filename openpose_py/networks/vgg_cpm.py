"""Convolutional pose machines on VGG-19: COCO, MPI, face and hand.

Features F of the picture go into a first stage; each later stage sees its forerunner's maps and F
again and refines them with wide (7x7) convolutions. The body networks have two branches a stage,
L1 for the part affinity fields and L2 for the heat maps; face and hand have one, without a suffix.
"""

from collections.abc import Mapping, Sequence

import torch

from openpose_py.networks.layers import Layer, NamedLayers

BODY_FEATURES = (
    Layer("conv4_1", 3, 512),
    Layer("conv4_2", 3, 512),
    Layer("conv4_3_CPM", 3, 256),
    Layer("conv4_4_CPM", 3, 128),
)
BODY_FIRST_STAGE = (
    Layer("conv5_1_CPM", 3, 128),
    Layer("conv5_2_CPM", 3, 128),
    Layer("conv5_3_CPM", 3, 128),
    Layer("conv5_4_CPM", 1, 512),
    Layer("conv5_5_CPM", 1, 0, "none"),
)
CROP_FEATURES = (
    *(Layer(f"conv4_{n}", 3, 512) for n in range(1, 5)),
    Layer("conv5_1", 3, 512),
    Layer("conv5_2", 3, 512),
    Layer("conv5_3_CPM", 3, 128),
)
CROP_FIRST_STAGE = (Layer("conv6_1_CPM", 1, 512), Layer("conv6_2_CPM", 1, 0, "none"))


class VggCpm(NamedLayers):
    """branches: output channels by suffix, in the order in which later stages see them."""

    def __init__(
        self,
        features: Sequence[Layer],
        first_stage: Sequence[Layer],
        branches: Mapping[str, int],
        stages: int,
    ) -> None:
        super().__init__()
        self.feature_layers = features
        self.stages = stages_of(first_stage, branches, stages)
        width = self.add_chain(features, self.add_stem())
        seen = width
        for stage in self.stages:
            for branch in stage:
                self.add_chain(branch, seen)
            seen = sum(branches.values()) + width

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x: float32 (n, 3, h, w), B G R, value / 256 - 0.5, h and w multiples of 16.

        Returns (n, channels, h/8, w/8): heat maps, background, part affinity fields.
        """
        features = self.run_chain(self.feature_layers, self.run_stem(x))
        seen = features
        for stage in self.stages:
            maps = [self.run_chain(branch, seen) for branch in stage]
            seen = torch.cat([*maps, features], dim=1)
        return torch.cat(maps[::-1], dim=1)


def stages_of(
    first_stage: Sequence[Layer], branches: Mapping[str, int], stages: int
) -> list[list[tuple[Layer, ...]]]:
    """Stage after stage, the layers of each branch."""
    return [
        [_branch(_layers_of(number, first_stage), *branch) for branch in branches.items()]
        for number in range(1, stages + 1)
    ]


def _layers_of(stage: int, first_stage: Sequence[Layer]) -> Sequence[Layer]:
    if stage == 1:
        return first_stage
    wide = (Layer(f"Mconv{n}_stage{stage}", 7, 128) for n in range(1, 6))
    hidden = Layer(f"Mconv6_stage{stage}", 1, 128)
    return (*wide, hidden, Layer(f"Mconv7_stage{stage}", 1, 0, "none"))


def _branch(layers: Sequence[Layer], suffix: str, channels: int) -> tuple[Layer, ...]:
    """`layers` of one branch: with its suffix, and its channels as the last layer's width."""
    named = [layer._replace(name=layer.name + suffix) for layer in layers]
    return (*named[:-1], named[-1]._replace(width=channels))


def body_network(paf_channels: int, heat_channels: int, stages: int) -> VggCpm:
    branches = {"_L1": paf_channels, "_L2": heat_channels}
    return VggCpm(BODY_FEATURES, BODY_FIRST_STAGE, branches, stages)


def crop_network(heat_channels: int) -> VggCpm:
    """The networks for a square crop of a face or a hand."""
    return VggCpm(CROP_FEATURES, CROP_FIRST_STAGE, {"": heat_channels}, stages=6)
