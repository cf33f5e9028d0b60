"""HRNet: up to four branches of falling resolution that exchange what they see."""

import functools
from collections.abc import Sequence

import torch
from torch import nn

from openpose_py.networks.resnet import Bottleneck, ResnetKind

STEM = 64
BRANCH_BLOCKS = 4
MODULES = {"stage2": 1, "stage3": 4, "stage4": 3}


class HRNet(nn.Module):
    """width: channels of the finest branch; each further branch has twice as many."""

    def __init__(self, joints: int, width: int = 32) -> None:
        super().__init__()
        widths = [width << n for n in range(4)]
        self.conv1 = nn.Conv2d(3, STEM, 3, 2, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(STEM)
        self.conv2 = nn.Conv2d(STEM, STEM, 3, 2, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(STEM)
        self.relu = nn.ReLU(inplace=True)
        blocks = (Bottleneck(STEM if n == 0 else 256, 64, 1, ResnetKind()) for n in range(4))
        self.layer1 = nn.Sequential(*blocks)
        # Children are numbered by branch; a branch that goes on as it is has none.
        first = [_step(256, widths[0], 1), nn.Sequential(_step(256, widths[1], 2))]
        self.transition1 = nn.ModuleDict({str(n): one for n, one in enumerate(first)})
        for number in (2, 3):
            opened = nn.Sequential(_step(widths[number - 1], widths[number], 2))
            self.add_module(f"transition{number}", nn.ModuleDict({str(number): opened}))
        for branches, (name, count) in enumerate(MODULES.items(), start=2):
            outputs = [branches] * (count - 1) + [1 if name == "stage4" else branches]
            modules = (_Exchange(widths[:branches], kept) for kept in outputs)
            self.add_module(name, nn.ModuleList(modules))
        self.final_layer = nn.Conv2d(widths[0], joints, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x: float32 (n, 3, h, w), R G B of one person each -> (n, joints, h/4, w/4)."""
        x = self.relu(self.bn1(self.conv1(x)))
        x = self.layer1(self.relu(self.bn2(self.conv2(x))))
        branches = [self.transition1[branch](x) for branch in "01"]
        for number, stage in enumerate(MODULES, start=2):
            if number > 2:
                opened = self.get_submodule(f"transition{number - 1}.{number - 1}")
                branches.append(opened(branches[-1]))
            for module in self.get_submodule(stage).children():
                branches = module(branches)
        result: torch.Tensor = self.final_layer(branches[0])
        return result


class _Exchange(nn.Module):
    """Blocks on every branch, then each of the first `kept` branches sums up all of them."""

    def __init__(self, widths: Sequence[int], kept: int) -> None:
        super().__init__()
        self.branches = nn.ModuleList(
            nn.Sequential(*(_BasicBlock(width) for _ in range(BRANCH_BLOCKS))) for width in widths
        )
        self.fuse_layers = nn.ModuleList(
            nn.ModuleList(_between(widths, source, target) for source in range(len(widths)))
            for target in range(kept)
        )
        self.relu = nn.ReLU(inplace=True)

    def forward(self, branches: list[torch.Tensor]) -> list[torch.Tensor]:
        """Branch n: (batch, width * 2^n, h / 2^n, w / 2^n)."""
        run = [branch(x) for branch, x in zip(self.branches, branches, strict=True)]
        fused = []
        for paths in self.fuse_layers.children():
            terms = [path(x) for path, x in zip(paths.children(), run, strict=True)]
            fused.append(self.relu(functools.reduce(torch.add, terms)))
        return fused


class _BasicBlock(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        inner = self.relu(self.bn1(self.conv1(x)))
        result: torch.Tensor = self.relu(self.bn2(self.conv2(inner)) + x)
        return result


def _between(widths: Sequence[int], source: int, target: int) -> nn.Module:
    """From the resolution and width of one branch to those of another."""
    if source == target:
        return nn.Identity()
    if source > target:
        return nn.Sequential(
            nn.Conv2d(widths[source], widths[target], 1, bias=False),
            nn.BatchNorm2d(widths[target]),
            nn.Upsample(scale_factor=2 ** (source - target), mode="nearest"),
        )
    last = nn.Conv2d(widths[source], widths[target], 3, 2, 1, bias=False)
    steps = [_step(widths[source], widths[source], 2) for _ in range(target - source - 1)]
    return nn.Sequential(*steps, nn.Sequential(last, nn.BatchNorm2d(widths[target])))


def _step(channels: int, out: int, stride: int) -> nn.Sequential:
    convolution = nn.Conv2d(channels, out, 3, stride, 1, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(out), nn.ReLU(inplace=True))
