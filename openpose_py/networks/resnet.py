"""Residual networks of AlphaPose: plain, squeezing, with deformable or unshuffled convolutions.

All begin with a 7x7 convolution and a pooling, and end with 2048 channels at stride 32.
"""

import dataclasses

import torch
from torch import nn

from openpose_py.networks.deformable import OFFSETS, DeformableConvolution

DEPTHS = {50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}  # blocks of the four layers
PLANES = (64, 128, 256, 512)
EXPANSION = 4
CHANNELS = PLANES[-1] * EXPANSION


@dataclasses.dataclass(frozen=True)
class ResnetKind:
    """squeeze: the first block of a layer weighs its channels. deformable: so are the 3x3
    convolutions of layers 2 to 4. shuffle: 3x3 convolutions unshuffle where others have stride 2.
    """

    depth: int = 50
    squeeze: bool = False
    deformable: bool = False
    shuffle: bool = False


class Resnet(nn.Module):
    def __init__(self, kind: ResnetKind) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        channels = 64
        for number, blocks in enumerate(DEPTHS[kind.depth], start=1):
            planes, stride = PLANES[number - 1], 1 if number == 1 else 2
            here = dataclasses.replace(kind, deformable=kind.deformable and number > 1)
            layer = [Bottleneck(channels, planes, stride, here)]
            channels = planes * EXPANSION
            rest = dataclasses.replace(here, squeeze=False)
            layer += [Bottleneck(channels, planes, 1, rest) for _ in range(blocks - 1)]
            self.add_module(f"layer{number}", nn.Sequential(*layer))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x: float32 (n, 3, h, w) -> (n, 2048, h/32, w/32)."""
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        for number in range(1, len(PLANES) + 1):
            x = self.get_submodule(f"layer{number}")(x)
        return x


class Bottleneck(nn.Module):
    """1x1, 3x3 and 1x1 convolutions beside a shortcut."""

    def __init__(self, channels: int, planes: int, stride: int, kind: ResnetKind) -> None:
        super().__init__()
        out = planes * EXPANSION
        self.conv1 = nn.Conv2d(channels, planes, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        if kind.deformable:
            self.conv2_offset = nn.Conv2d(planes, OFFSETS, 3, stride, 1)
        self.conv2 = _middle(planes, stride, kind)
        self.bn2 = nn.BatchNorm2d(planes)
        self.conv3 = nn.Conv2d(planes, out, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(out)
        self.relu = nn.ReLU(inplace=True)
        if kind.squeeze:
            self.se = Squeeze(out)
        self.downsample = None
        if stride != 1 or channels != out:
            shortcut = nn.Conv2d(channels, out, 1, stride, bias=False)
            self.downsample = nn.Sequential(shortcut, nn.BatchNorm2d(out))
        self.kind = kind

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        shortcut = x if self.downsample is None else self.downsample(x)
        x = self.relu(self.bn1(self.conv1(x)))
        x = self.conv2(x, self.conv2_offset(x)) if self.kind.deformable else self.conv2(x)
        x = self.bn3(self.conv3(self.relu(self.bn2(x))))
        if self.kind.squeeze:
            x = self.se(x)
        x += shortcut
        result: torch.Tensor = self.relu(x)
        return result


class Squeeze(nn.Module):
    """Weighs each channel by what all channels are on average."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.fc = nn.Sequential(
            nn.Linear(channels, channels), nn.ReLU(inplace=True),
            nn.Linear(channels, channels), nn.Sigmoid(),
        )  # fmt: skip

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        weights: torch.Tensor = self.fc(x.mean(dim=(2, 3)))
        return x * weights[:, :, None, None]


def _middle(planes: int, stride: int, kind: ResnetKind) -> nn.Module:
    if kind.deformable:
        return DeformableConvolution(planes, planes, stride)
    if kind.shuffle and stride != 1:
        unshuffled = planes * stride * stride
        wide = nn.Conv2d(unshuffled, planes, 3, 1, 1, bias=False)
        return nn.Sequential(nn.PixelUnshuffle(stride), wide)
    return nn.Conv2d(planes, planes, 3, stride, 1, bias=False)
