"""What the nine OpenPose networks share: layers named as in the published weight files."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import nn
from torch.nn import functional


class Layer(NamedTuple):
    """A convolution (stride 1, same size out, with bias) and the activation behind it."""

    name: str
    kernel: int
    width: int
    activation: str = "relu"  # "relu", "prelu" or "none"


def _vgg_block(number: int, convolutions: int, width: int) -> tuple[Layer, ...]:
    return tuple(Layer(f"conv{number}_{n}", 3, width) for n in range(1, convolutions + 1))


# VGG-19 up to its third pooling: every network starts with these.
STEM = (_vgg_block(1, 2, 64), _vgg_block(2, 2, 128), _vgg_block(3, 4, 256))


class NamedLayers(nn.Module):
    """A network whose direct children are its layers, so that keys read `conv1_1.weight`."""

    def add_chain(self, layers: Sequence[Layer], channels: int) -> int:
        """Makes `layers` one behind the other; returns the channels of the last."""
        for layer in layers:
            convolution = nn.Conv2d(channels, layer.width, layer.kernel, padding=layer.kernel // 2)
            self.add_module(layer.name, convolution)
            if layer.activation == "prelu":
                self.add_module(_prelu_name(layer.name), nn.PReLU(layer.width))
            channels = layer.width
        return channels

    def run_chain(self, layers: Sequence[Layer], x: torch.Tensor) -> torch.Tensor:
        """x (n, channels, h, w) -> (n, width of the last layer, h, w)."""
        for layer in layers:
            x = getattr(self, layer.name)(x)
            if layer.activation == "relu":
                x = functional.relu_(x)
            elif layer.activation == "prelu":
                x = getattr(self, _prelu_name(layer.name))(x)
        return x

    def add_stem(self) -> int:
        channels = 3
        for block in STEM:
            channels = self.add_chain(block, channels)
        return channels

    def run_stem(self, x: torch.Tensor) -> torch.Tensor:
        """x (n, 3, h, w) -> (n, 256, h/8, w/8)."""
        for block in STEM:
            x = functional.max_pool2d(self.run_chain(block, x), 2)
        return x


def _prelu_name(convolution: str) -> str:
    return convolution.replace("conv", "prelu")
