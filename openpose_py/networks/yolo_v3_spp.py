"""YOLOv3-SPP: the detector that finds the people whom AlphaPose's networks look at.

Convolutions stand in the order of darknet's `.weights` file.
"""

import torch
from torch import nn
from torch.nn import functional

STAGES = ((64, 1), (128, 2), (256, 8), (512, 8), (1024, 4))  # channels, residual blocks
ANCHORS = 3
CLASSES = 80
HEAD = ANCHORS * (5 + CLASSES)  # x, y, width, height, objectness, classes of each anchor
POOLS = (5, 9, 13)
SLOPE = 0.1  # below zero


class YoloV3Spp(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = DarkConvolution(3, 32, 3)
        self.stages = nn.ModuleList(
            _stage(channels // 2, channels, blocks) for channels, blocks in STAGES
        )
        self.before_pools = _zigzag(1024, 512, 3)
        self.after_pools = _zigzag(4 * 512, 512, 3)
        self.coarse = _head(512)
        self.to_middle = DarkConvolution(512, 256, 1)
        self.middle_trunk = _zigzag(256 + 512, 256, 5)
        self.middle = _head(256)
        self.to_fine = DarkConvolution(256, 128, 1)
        self.fine_trunk = _zigzag(128 + 256, 128, 5)
        self.fine = _head(128)

    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        """x: float32 (n, 3, h, w), R G B, value / 255, h and w multiples of 32.

        Returns (n, 255, h/s, w/s) for the strides s = 32, 16, 8, as the convolutions leave them.
        """
        x = self.stem(x)
        stages = []
        for stage in self.stages:
            x = stage(x)
            stages.append(x)
        x = self.after_pools(_pyramid(self.before_pools(x)))
        outputs = [self.coarse(x)]
        x = self.middle_trunk(torch.cat([_twice(self.to_middle(x)), stages[-2]], dim=1))
        outputs.append(self.middle(x))
        x = self.fine_trunk(torch.cat([_twice(self.to_fine(x)), stages[-3]], dim=1))
        return [*outputs, self.fine(x)]


class DarkConvolution(nn.Module):
    """A convolution with a norm and a leaky end, or with a bias alone."""

    def __init__(
        self, channels: int, out: int, kernel: int, stride: int = 1, is_last: bool = False
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, out, kernel, stride, kernel // 2, bias=is_last)
        self.bn = None if is_last else nn.BatchNorm2d(out)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.conv(x)
        return x if self.bn is None else functional.leaky_relu_(self.bn(x), SLOPE)


class _Residual(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.narrow = DarkConvolution(channels, channels // 2, 1)
        self.wide = DarkConvolution(channels // 2, channels, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        result: torch.Tensor = x + self.wide(self.narrow(x))
        return result


def _stage(channels: int, out: int, blocks: int) -> nn.Sequential:
    down = DarkConvolution(channels, out, 3, stride=2)
    return nn.Sequential(down, *(_Residual(out) for _ in range(blocks)))


def _zigzag(channels: int, width: int, count: int) -> nn.Sequential:
    """Narrow 1x1 and wide 3x3 convolutions in turn, narrow ones first and last."""
    layers = [DarkConvolution(channels, width, 1)]
    for n in range(1, count):
        wide = n % 2 == 1
        layers.append(
            DarkConvolution(width, 2 * width, 3) if wide else DarkConvolution(2 * width, width, 1)
        )
    return nn.Sequential(*layers)


def _head(width: int) -> nn.Sequential:
    last = DarkConvolution(2 * width, HEAD, 1, is_last=True)
    return nn.Sequential(DarkConvolution(width, 2 * width, 3), last)


def _pyramid(x: torch.Tensor) -> torch.Tensor:
    """(n, 512, h, w) -> (n, 2048, h, w): the highest of 13x13, 9x9, 5x5 cells, and x itself. Cells
    outside are 0 and can win where x is negative."""
    pooled = [functional.max_pool2d(functional.pad(x, 4 * [k // 2]), k, 1) for k in POOLS[::-1]]
    return torch.cat([*pooled, x], dim=1)


def _twice(x: torch.Tensor) -> torch.Tensor:
    return functional.interpolate(x, scale_factor=2, mode="nearest")
