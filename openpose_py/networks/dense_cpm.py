"""The newer body networks: BODY_25, BODY_25B and BODY_135.

All part affinity field stages (L2) come first, then the heat map stages (L1). A stage is a row of
dense blocks and two 1x1 convolutions; a dense block is a chain of three 3x3 convolutions whose
three outputs are put side by side. Every convolution but a stage's last has a PReLU.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch

from openpose_py.networks.layers import Layer, NamedLayers

FEATURES = (
    Layer("conv4_1", 3, 512),
    Layer("conv4_2", 3, 512, "prelu"),
    Layer("conv4_3_CPM", 3, 256, "prelu"),
    Layer("conv4_4_CPM", 3, 128, "prelu"),
)
FULL_VGG_LOWER = (Layer("conv4_1", 3, 512), Layer("conv4_2", 3, 512))
FULL_VGG_UPPER = (Layer("conv4_3", 3, 512), Layer("conv4_4", 3, 512))
FULL_VGG_WIDTHS = (256, 256, 224, 256, 256, 224)  # of the dense blocks conv4_5_CPM..conv4_10_CPM
FULL_VGG_LAST = (Layer("conv4_11_CPM", 1, 512, "prelu"),)

Block = tuple[Layer, ...]


class StageSize(NamedTuple):
    blocks: int
    width: int  # of each of a block's three convolutions
    hidden: int  # of the first 1x1 convolution


class Stage(NamedTuple):
    blocks: tuple[Block, ...]
    head: tuple[Layer, Layer]


class DenseCpm(NamedLayers):
    """paf_stages, heat_stages: their sizes in order of running."""

    def __init__(
        self,
        paf_channels: int,
        paf_stages: Sequence[StageSize],
        heat_channels: int,
        heat_stages: Sequence[StageSize],
    ) -> None:
        super().__init__()
        self.paf_stages = [
            _stage(f"stage{n}_L2", size, paf_channels) for n, size in enumerate(paf_stages)
        ]
        self.heat_stages = [
            _stage(f"stage{n}_L1", size, heat_channels) for n, size in enumerate(heat_stages)
        ]
        width = self.add_features(self.add_stem())
        for n, stage in enumerate(self.paf_stages):
            self.add_stage(stage, width + (paf_channels if n else 0))
        for n, stage in enumerate(self.heat_stages):
            self.add_stage(stage, width + paf_channels + (heat_channels if n else 0))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x: float32 (n, 3, h, w), B G R, value / 256 - 0.5, h and w multiples of 16.

        Returns (n, channels, h/8, w/8): heat maps, background (BODY_25), part affinity fields.
        """
        features = self.run_features(self.run_stem(x))
        seen = features
        for stage in self.paf_stages:
            paf = self.run_stage(stage, seen)
            seen = torch.cat([features, paf], dim=1)
        for stage in self.heat_stages:
            heat = self.run_stage(stage, seen)
            seen = torch.cat([features, heat, paf], dim=1)
        return torch.cat([heat, paf], dim=1)

    def add_features(self, channels: int) -> int:
        return self.add_chain(FEATURES, channels)

    def run_features(self, x: torch.Tensor) -> torch.Tensor:
        return self.run_chain(FEATURES, x)

    def add_stage(self, stage: Stage, channels: int) -> int:
        for block in stage.blocks:
            channels = self.add_block(block, channels)
        return self.add_chain(stage.head, channels)

    def run_stage(self, stage: Stage, x: torch.Tensor) -> torch.Tensor:
        for block in stage.blocks:
            x = self.run_block(block, x)
        return self.run_chain(stage.head, x)

    def add_block(self, block: Block, channels: int) -> int:
        self.add_chain(block, channels)
        return sum(layer.width for layer in block)

    def run_block(self, block: Block, x: torch.Tensor) -> torch.Tensor:
        outputs = []
        for layer in block:
            x = self.run_chain((layer,), x)
            outputs.append(x)
        return torch.cat(outputs, dim=1)


class FullVggDenseCpm(DenseCpm):
    """BODY_25B option 1: features from four depths behind VGG-19 up to conv4_4."""

    blocks = tuple(
        tuple(Layer(f"conv4_{n}_CPM_{i}", 3, width, "prelu") for i in range(3))
        for n, width in enumerate(FULL_VGG_WIDTHS, start=5)
    )

    def add_features(self, channels: int) -> int:
        lower = self.add_chain(FULL_VGG_LOWER, channels)
        upper = self.add_chain(FULL_VGG_UPPER, lower)
        outputs = [upper]
        for block in self.blocks:
            outputs.append(self.add_block(block, outputs[-1]))
        return self.add_chain(FULL_VGG_LAST, lower + upper + outputs[3] + outputs[6])

    def run_features(self, x: torch.Tensor) -> torch.Tensor:
        lower = self.run_chain(FULL_VGG_LOWER, x)
        outputs = [self.run_chain(FULL_VGG_UPPER, lower)]
        for block in self.blocks:
            outputs.append(self.run_block(block, outputs[-1]))
        joined = torch.cat([lower, outputs[0], outputs[3], outputs[6]], dim=1)
        return self.run_chain(FULL_VGG_LAST, joined)


def _stage(name: str, size: StageSize, channels: int) -> Stage:
    blocks = tuple(
        tuple(Layer(f"Mconv{n}_{name}_{i}", 3, size.width, "prelu") for i in range(3))
        for n in range(1, size.blocks + 1)
    )
    hidden = Layer(f"Mconv{size.blocks + 1}_{name}", 1, size.hidden, "prelu")
    return Stage(blocks, (hidden, Layer(f"Mconv{size.blocks + 2}_{name}", 1, channels, "none")))


def body_25() -> DenseCpm:
    start, refine = StageSize(5, 96, 256), StageSize(5, 128, 512)
    return DenseCpm(52, [start, refine, refine, refine], 26, [start, refine])


def body_25b_option1() -> DenseCpm:
    return FullVggDenseCpm(72, [StageSize(9, 256, 512)], 25, [StageSize(9, 192, 512)])


def body_25b_option2() -> DenseCpm:
    refine = StageSize(5, 128, 512)
    paf_stages = [StageSize(5, 64, 256), StageSize(5, 128, 256), refine, refine, refine]
    return DenseCpm(72, paf_stages, 25, [refine])


def body_135() -> DenseCpm:
    refine = StageSize(8, 128, 512)
    paf_stages = [StageSize(8, 128, 256), refine, refine, StageSize(8, 256, 512)]
    return DenseCpm(304, paf_stages, 135, [StageSize(5, 256, 512)])
