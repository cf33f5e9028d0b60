"""AlphaPose's FastPose and FastPose_DUC: a residual network and pixel shuffles up to stride 4.

Keys are those of the published files. The same weights may mean heat maps or integral ones; the
model's card says which.
"""

import torch
from torch import nn

from openpose_py.networks.resnet import CHANNELS, Resnet, ResnetKind

DENSE_CONVOLUTIONS = (4, 2, 1)  # of FastPose_DUC's three steps
DENSE_WIDTH = 256


class FastPose(nn.Module):
    """width: channels before the last convolution, 128 or 256."""

    def __init__(self, joints: int, width: int, kind: ResnetKind) -> None:
        super().__init__()
        self.preact = Resnet(kind)
        self.shuffle = nn.PixelShuffle(2)
        self.duc1 = _Doubled(CHANNELS // 4, 256)
        self.duc2 = _Doubled(256, width)
        self.conv_out = nn.Conv2d(width, joints, 3, 1, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x: float32 (n, 3, h, w), R G B of one person each -> (n, joints, h/4, w/4)."""
        x = self.duc2(self.duc1(self.shuffle(self.preact(x))))
        result: torch.Tensor = self.conv_out(x)
        return result


class FastPoseDuc(nn.Module):
    """As FastPose, with more convolutions between the shuffles."""

    def __init__(self, joints: int, kind: ResnetKind) -> None:
        super().__init__()
        self.preact = Resnet(kind)
        channels = CHANNELS
        for step, convolutions in enumerate(DENSE_CONVOLUTIONS, start=1):
            self.add_module(f"duc{step}", _dense_step(channels, convolutions))
            channels //= 2
        self.conv_out = nn.Conv2d(DENSE_WIDTH, joints, 3, 1, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x: float32 (n, 3, h, w), R G B of one person each -> (n, joints, h/4, w/4)."""
        x = self.preact(x)
        for step in range(1, len(DENSE_CONVOLUTIONS) + 1):
            x = self.get_submodule(f"duc{step}")(x)
        result: torch.Tensor = self.conv_out(x)
        return result


class _Doubled(nn.Module):
    """(n, channels, h, w) -> (n, out, 2h, 2w)."""

    def __init__(self, channels: int, out: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, 4 * out, 3, 1, 1, bias=False)
        self.bn = nn.BatchNorm2d(4 * out)
        self.relu = nn.ReLU(inplace=True)
        self.shuffle = nn.PixelShuffle(2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        result: torch.Tensor = self.shuffle(self.relu(self.bn(self.conv(x))))
        return result


def _dense_step(channels: int, convolutions: int) -> nn.Sequential:
    """(n, channels, h, w) -> (n, channels / 2, 2h, 2w)."""
    shuffled, out = channels // 4, channels // 2
    widths = [shuffled] * (convolutions - 1) + [out]
    layers: list[nn.Module] = [nn.PixelShuffle(2)]
    for width in widths:
        layers.append(nn.Conv2d(shuffled, width, 3, 1, 1, bias=False))
        layers += [nn.BatchNorm2d(width), nn.ReLU(inplace=True)]
    return nn.Sequential(*layers)
