"""tf-pose's `dsconv`: OpenPose's COCO network out of separable convolutions.

Layers are named as in its checkpoints; norms are part of the convolutions. The first convolution
and those of one pixel are plain ones; where the original pools, the convolution before strides.
"""

from collections.abc import Sequence

import torch
from torch import nn
from torch.nn import functional

from openpose_py.networks.layers import STEM, Layer
from openpose_py.networks.tfpose_mobilenet import HEAT_CHANNELS, PAF_CHANNELS, SameConv2d
from openpose_py.networks.vgg_cpm import BODY_FEATURES, BODY_FIRST_STAGE, stages_of

BRANCHES = {"_L1": PAF_CHANNELS, "_L2": HEAT_CHANNELS}
STAGES = 6
FIRST = "conv1_1"


class Dsconv(nn.Module):
    """Children are the layers; a separable one is `<name>_depthwise` and `<name>_pointwise`."""

    def __init__(self) -> None:
        super().__init__()
        self.strides = {block[-1].name: 2 for block in STEM}
        self.feature_layers = (*(layer for block in STEM for layer in block), *BODY_FEATURES)
        self.stages = stages_of(BODY_FIRST_STAGE, BRANCHES, STAGES)
        width = self.add_chain(self.feature_layers, 3)
        seen = width
        for stage in self.stages:
            for branch in stage:
                self.add_chain(branch, seen)
            seen = width + sum(BRANCHES.values())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x: float32 (n, 3, h, w), B G R, value / 256 - 0.5.

        Returns (n, 57, h/8, w/8): heat maps, background, part affinity fields.
        """
        features = self.run_chain(self.feature_layers, x)
        seen = features
        for stage in self.stages:
            maps = [self.run_chain(branch, seen) for branch in stage]
            seen = torch.cat([*maps, features], dim=1)
        return torch.cat(maps[::-1], dim=1)

    def add_chain(self, layers: Sequence[Layer], channels: int) -> int:
        """Makes `layers` one behind the other; returns the channels of the last."""
        for layer in layers:
            if is_plain(layer):
                self.add_module(layer.name, SameConv2d(channels, layer.width, layer.kernel))
            else:
                stride = self.strides.get(layer.name, 1)
                depthwise = SameConv2d(
                    channels, channels, layer.kernel, stride, groups=channels, bias=False
                )
                self.add_module(f"{layer.name}_depthwise", depthwise)
                self.add_module(f"{layer.name}_pointwise", SameConv2d(channels, layer.width, 1))
            channels = layer.width
        return channels

    def run_chain(self, layers: Sequence[Layer], x: torch.Tensor) -> torch.Tensor:
        for layer in layers:
            parts = ("",) if is_plain(layer) else ("_depthwise", "_pointwise")
            for part in parts:
                x = self.get_submodule(f"{layer.name}{part}")(x)
            x = functional.relu_(x) if layer.activation == "relu" else x
        return x


def is_plain(layer: Layer) -> bool:
    return layer.kernel == 1 or layer.name == FIRST
