"""Simple Baseline: a residual network and three transposed convolutions up to stride 4."""

import torch
from torch import nn

from openpose_py.networks.resnet import CHANNELS, Resnet, ResnetKind

WIDTH = 256


class SimplePose(nn.Module):
    def __init__(self, joints: int, kind: ResnetKind) -> None:
        super().__init__()
        self.preact = Resnet(kind)
        layers: list[nn.Module] = []
        for channels in (CHANNELS, WIDTH, WIDTH):
            layers.append(nn.ConvTranspose2d(channels, WIDTH, 4, 2, 1, bias=False))
            layers += [nn.BatchNorm2d(WIDTH), nn.ReLU(inplace=True)]
        self.deconv_layers = nn.Sequential(*layers)
        self.final_layer = nn.Conv2d(WIDTH, joints, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x: float32 (n, 3, h, w), R G B of one person each -> (n, joints, h/4, w/4)."""
        result: torch.Tensor = self.final_layer(self.deconv_layers(self.preact(x)))
        return result
