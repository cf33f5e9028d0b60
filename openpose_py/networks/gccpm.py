"""GCCPM: a MobileNet and stages that refine the maps of one person with a wide view.

The layout of the files is the same for LIP (16 points and background, maps enlarged bilinearly)
and COCO (17 points, the nearest cell); only the card can tell them apart.
"""

from collections.abc import Sequence

import torch
from torch import nn
from torch.nn import functional

from openpose_py.networks.lightweight_cpm import BACKBONE, after_every_stage

MAPS, WIDTH = 17, 128
BLOCKS = 3  # of a refinement stage, behind its context


class Gccpm(nn.Module):
    """refinements: 1 to 5. upsampling: "bilinear" or "nearest"."""

    def __init__(self, refinements: int = 5, upsampling: str = "bilinear") -> None:
        super().__init__()
        layers: list[nn.Module] = [_convolution(3, 32, 3, stride=2, bias=False)]
        channels = 32
        for out, stride, dilation in BACKBONE:
            layers.append(_separable(channels, out, stride, dilation))
            channels = out
        self.model = nn.Sequential(*layers)
        self.cpm = nn.Sequential(_convolution(channels, 256, 3), _convolution(256, WIDTH, 3))
        trunk = nn.Sequential(*(_convolution(WIDTH, WIDTH, 3) for _ in range(3)))
        self.initial_stage = _Stage(trunk, 512)
        self.refinement_stages = nn.ModuleList(
            _Stage(_refinement(upsampling), WIDTH) for _ in range(refinements)
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x: float32 (n, 3, h, w), h and w multiples of 8 -> (n, 17, h/8, w/8)."""
        return self.stages(x)[-1]

    def stages(self, x: torch.Tensor) -> list[torch.Tensor]:
        """As `forward`, after every stage."""
        features: torch.Tensor = self.cpm(self.model(x))
        return after_every_stage(features, self.initial_stage, self.refinement_stages)


class _Stage(nn.Module):
    def __init__(self, trunk: nn.Sequential, hidden: int) -> None:
        super().__init__()
        self.trunk = trunk
        self.heatmaps = nn.Sequential(
            _convolution(WIDTH, hidden, 1, norm=False),
            nn.Sequential(nn.Conv2d(hidden, MAPS, 1)),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        result: torch.Tensor = self.heatmaps(self.trunk(x))
        return result


class _Context(nn.Module):
    """(n, channels, h, w) -> the same shape, seen at full, half and quarter resolution."""

    def __init__(self, channels: int, upsampling: str) -> None:
        super().__init__()
        wide = 2 * channels
        self.encoder1 = _pair(channels, wide, wide, stride=2)
        self.encoder2 = _pair(wide, wide, wide, stride=2)
        self.decoder2 = _pair(2 * wide, wide, wide)
        self.decoder1 = _pair(channels + wide, wide, channels)
        self.upsampling = upsampling

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        half = self.encoder1(x)
        quarter = self.encoder2(half)
        half = self.decoder2(torch.cat([half, self._as_large_as(half, quarter)], dim=1))
        result: torch.Tensor = self.decoder1(torch.cat([x, self._as_large_as(x, half)], dim=1))
        return result

    def _as_large_as(self, other: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        size = other.shape[-2:]
        if self.upsampling == "nearest":
            return functional.interpolate(x, size, mode="nearest")
        return functional.interpolate(x, size, mode="bilinear", align_corners=False)


class _Block(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.initial = _convolution(channels, WIDTH, 1, norm=False)
        self.trunk = nn.Sequential(
            _convolution(WIDTH, WIDTH, 3), _convolution(WIDTH, WIDTH, 3, dilation=2)
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        first: torch.Tensor = self.initial(x)
        return first + self.trunk(first)


def _refinement(upsampling: str) -> nn.Sequential:
    seen = WIDTH + MAPS
    blocks = [_Block(seen if n == 0 else WIDTH) for n in range(BLOCKS)]
    return nn.Sequential(_Context(seen, upsampling), *blocks)


def _pair(channels: int, middle: int, out: int, stride: int = 1) -> nn.Sequential:
    first = _convolution(channels, middle, 3, stride=stride)
    return nn.Sequential(first, _convolution(middle, out, 3))


def _convolution(
    channels: int, out: int, kernel: int, stride: int = 1, dilation: int = 1,
    norm: bool = True, bias: bool = True,
) -> nn.Sequential:  # fmt: skip
    padding = kernel // 2 * dilation
    layers: Sequence[nn.Module] = [nn.BatchNorm2d(out)] if norm else []
    convolution = nn.Conv2d(channels, out, kernel, stride, padding, dilation, bias=bias)
    return nn.Sequential(convolution, *layers, nn.ReLU(inplace=True))


def _separable(channels: int, out: int, stride: int, dilation: int) -> nn.Sequential:
    depthwise = nn.Conv2d(
        channels, channels, 3, stride, dilation, dilation, groups=channels, bias=False
    )
    pointwise = nn.Conv2d(channels, out, 1, bias=False)
    norms = nn.BatchNorm2d(channels), nn.BatchNorm2d(out)
    relu = nn.ReLU(inplace=True)
    return nn.Sequential(depthwise, norms[0], relu, pointwise, norms[1], relu)
