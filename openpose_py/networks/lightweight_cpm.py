"""Lightweight OpenPose: a dilated MobileNet and stages of small convolutions, in two editions.

`Lightweight` has the keys of the published `.pth` files, `HumanPose0001` the layer names of
OpenVINO's human-pose-estimation-0001, which was trained apart and differs in details. In both the
norms are part of the convolutions, unless the first is `normed` for training.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import torch
from torch import nn
from torch.nn import functional

HEAT_CHANNELS, PAF_CHANNELS, WIDTH = 19, 38, 128
EPSILON = 1e-5  # of the norms; torch's default
NORM = ("weight", "bias", "running_mean", "running_var")  # of a norm, in a file's keys
BLOCKS = 5  # of a refinement stage
BACKBONE = (  # channels out, stride, dilation of each separable convolution
    *((64, 1, 1), (128, 2, 1), (128, 1, 1), (256, 2, 1), (256, 1, 1), (512, 1, 1)),
    *((512, 1, 2), (512, 1, 1), (512, 1, 1), (512, 1, 1), (512, 1, 1)),
)
IR_NAMES = (  # of human-pose-estimation-0001's separable convolutions, in the order of BACKBONE
    *("conv2_1", "conv2_2", "conv3_1", "conv3_2", "conv4_1", "conv4_2"),
    *("conv5_1", "conv5_2", "conv5_3", "conv5_4", "conv5_5"),
)


class Lightweight(nn.Module):
    """refinements: how many stages refine the maps of the initial stage.

    normed: with norms of their own, under the very keys of the published files, for training.
    """

    def __init__(self, refinements: int = 1, normed: bool = False) -> None:
        super().__init__()
        separable, channels = [], 32
        for out, stride, dilation in BACKBONE:
            separable.append(_separable(channels, out, stride, dilation, normed))
            channels = out
        first = _convolution(3, 32, 3, stride=2, normed=normed, bias=not normed)
        self.model = nn.Sequential(first, *separable)
        self.cpm = _Features(channels)
        self.initial_stage = _InitialStage()
        self.refinement_stages = nn.ModuleList(_RefinementStage(normed) for _ in range(refinements))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x: float32 (n, 3, h, w), B G R, (value - 128) / 256, h and w multiples of 8.

        Returns (n, 57, h/8, w/8): heat maps, background, part affinity fields.
        """
        return self.stages(x)[-1]

    def stages(self, x: torch.Tensor) -> list[torch.Tensor]:
        """As `forward`, after every stage."""
        features: torch.Tensor = self.cpm(self.model(x))
        return after_every_stage(features, self.initial_stage, self.refinement_stages)


def after_every_stage(
    features: torch.Tensor, initial: nn.Module, refinements: Iterable[nn.Module]
) -> list[torch.Tensor]:
    """Maps of the initial stage, and of each that refines those before it."""
    outputs: list[torch.Tensor] = [initial(features)]
    for stage in refinements:
        outputs.append(stage(torch.cat([features, outputs[-1]], dim=1)))
    return outputs


class _Features(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.align = _convolution(channels, WIDTH, 1)
        self.trunk = nn.Sequential(*(_elu_separable() for _ in range(3)))
        self.conv = _convolution(WIDTH, WIDTH, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        aligned: torch.Tensor = self.align(x)
        result: torch.Tensor = self.conv(aligned + self.trunk(aligned))
        return result


class _Stage(nn.Module):
    """Maps out of (n, channels, h, w): heat maps first, then part affinity fields."""

    def __init__(self, trunk: nn.Sequential, hidden: int) -> None:
        super().__init__()
        self.trunk = trunk
        self.heatmaps, self.pafs = (
            nn.Sequential(_convolution(WIDTH, hidden, 1), _convolution(hidden, out, 1, relu=False))
            for out in (HEAT_CHANNELS, PAF_CHANNELS)
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.trunk(x)
        return torch.cat([self.heatmaps(x), self.pafs(x)], dim=1)


class _InitialStage(_Stage):
    def __init__(self) -> None:
        trunk = nn.Sequential(*(_convolution(WIDTH, WIDTH, 3) for _ in range(3)))
        super().__init__(trunk, 512)


class _RefinementStage(_Stage):
    def __init__(self, normed: bool) -> None:
        seen = WIDTH + HEAT_CHANNELS + PAF_CHANNELS
        blocks = (_Block(WIDTH if n else seen, normed) for n in range(BLOCKS))
        super().__init__(nn.Sequential(*blocks), WIDTH)


class _Block(nn.Module):
    def __init__(self, channels: int, normed: bool) -> None:
        super().__init__()
        self.initial = _convolution(channels, WIDTH, 1)
        self.trunk = nn.Sequential(
            _convolution(WIDTH, WIDTH, 3, normed=normed),
            _convolution(WIDTH, WIDTH, 3, dilation=2, normed=normed),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        first: torch.Tensor = self.initial(x)
        return first + self.trunk(first)


def _convolution(
    channels: int, out: int, kernel: int, stride: int = 1, dilation: int = 1, relu: bool = True,
    normed: bool = False, bias: bool = True,
) -> nn.Sequential:  # fmt: skip
    padding = kernel // 2 * dilation
    convolution = nn.Conv2d(channels, out, kernel, stride, padding, dilation, bias=bias)
    norms = [nn.BatchNorm2d(out)] if normed else []
    return nn.Sequential(convolution, *norms, *([nn.ReLU()] if relu else []))


def _separable(channels: int, out: int, stride: int, dilation: int, normed: bool) -> nn.Sequential:
    """Numbered as in the files, where norms are layers 1 and 4."""
    depthwise = nn.Conv2d(
        channels, channels, 3, stride, dilation, dilation, groups=channels, bias=not normed
    )
    pointwise = nn.Conv2d(channels, out, 1, bias=not normed)
    layers = {"0": depthwise, "2": nn.ReLU(), "3": pointwise, "5": nn.ReLU()}
    if normed:
        layers |= {"1": nn.BatchNorm2d(channels), "4": nn.BatchNorm2d(out)}
    return nn.Sequential(OrderedDict(sorted(layers.items())))


def _elu_separable() -> nn.Sequential:
    depthwise = nn.Conv2d(WIDTH, WIDTH, 3, padding=1, groups=WIDTH, bias=False)
    return nn.Sequential(depthwise, nn.ELU(), nn.Conv2d(WIDTH, WIDTH, 1, bias=False), nn.ELU())


class HumanPose0001(nn.Module):
    """The network of OpenVINO's IR; children are its layers; the first scales the input."""

    def __init__(self) -> None:
        super().__init__()
        self._add("data", 3, 3, 1, depthwise=True)
        self._add("conv1", 3, 32, 3, stride=2)
        channels = 32
        for name, (out, stride, dilation) in zip(IR_NAMES, BACKBONE, strict=True):
            self._add(f"{name}/dw", channels, channels, 3, stride, dilation, depthwise=True)
            self._add(f"{name}/sep", channels, out, 1)
            channels = out
        self._add("conv4_3_CPM/al", channels, WIDTH, 1)
        self._add("conv4_3_CPM/red", WIDTH, WIDTH, 1)
        for n in (1, 2, 3):
            self._add(f"conv4_3_CPM/dw{n}", WIDTH, WIDTH, 3, depthwise=True)
            pointwise = f"conv4_3_CPM/dw{n}/1x1" if n < 3 else "conv4_3_CPM/inc"
            self._add(pointwise, WIDTH, WIDTH, 1)
        self._add("conv4_4_CPM", WIDTH, WIDTH, 3)
        self._add_stages()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x: float32 (n, 3, h, w), B G R, values 0..255 as they are, h and w multiples of 8.

        Returns (n, 57, h/8, w/8): heat maps, background, part affinity fields.
        """
        x = functional.relu_(self._run("conv1", self._run("data", x)))
        for name in IR_NAMES:
            x = functional.relu_(self._run(f"{name}/dw", x))
            x = functional.relu_(self._run(f"{name}/sep", x))
        features = self._features(x)
        x = self._chain([f"conv5_{n}_CPM_L1" for n in (1, 2, 3)], features)
        pafs, heats = (
            self._run(f"conv5_5_CPM_{branch}", self._chain([f"conv5_4_CPM_{branch}"], x))
            for branch in ("L1", "L2")
        )
        x = torch.cat([pafs, heats, features], dim=1)
        for n in range(1, BLOCKS + 1):
            name = f"Mconv{n}_stage2_L1"
            first = self._chain([f"{name}/sq"], x)
            x = first + self._chain([f"{name}/3x3", f"{name}/3x3/2"], first)
        pafs, heats = (
            self._run(f"Mconv7_stage2_{branch}", self._chain([f"Mconv6_stage2_{branch}"], x))
            for branch in ("L1", "L2")
        )
        return torch.cat([heats, pafs], dim=1)

    def _features(self, x: torch.Tensor) -> torch.Tensor:
        aligned = functional.elu(self._run("conv4_3_CPM/al", x))
        x = aligned
        for name in ("red", "dw1", "dw1/1x1", "dw2", "dw2/1x1", "dw3", "inc"):
            x = functional.elu(self._run(f"conv4_3_CPM/{name}", x))
        return functional.relu_(self._run("conv4_4_CPM", aligned + x))

    def _add_stages(self) -> None:
        branches = (("L1", PAF_CHANNELS), ("L2", HEAT_CHANNELS))
        for n in (1, 2, 3):
            self._add(f"conv5_{n}_CPM_L1", WIDTH, WIDTH, 3)
        for n in range(1, BLOCKS + 1):
            name = f"Mconv{n}_stage2_L1"
            seen = WIDTH if n > 1 else WIDTH + HEAT_CHANNELS + PAF_CHANNELS
            self._add(f"{name}/sq", seen, WIDTH, 1)
            self._add(f"{name}/3x3", WIDTH, WIDTH, 3)
            self._add(f"{name}/3x3/2", WIDTH, WIDTH, 3, dilation=2)
        for branch, out in branches:
            self._add(f"conv5_4_CPM_{branch}", WIDTH, 512, 1)
            self._add(f"conv5_5_CPM_{branch}", 512, out, 1)
            self._add(f"Mconv6_stage2_{branch}", WIDTH, WIDTH, 1)
            self._add(f"Mconv7_stage2_{branch}", WIDTH, out, 1)

    def _add(
        self, name: str, channels: int, out: int, kernel: int, stride: int = 1, dilation: int = 1,
        depthwise: bool = False,
    ) -> None:  # fmt: skip
        padding, groups = kernel // 2 * dilation, channels if depthwise else 1
        size = (channels, out, kernel, stride, padding, dilation, groups)
        self.add_module(name, nn.Conv2d(*size))

    def _run(self, name: str, x: torch.Tensor) -> torch.Tensor:
        result: torch.Tensor = self.get_submodule(name)(x)
        return result

    def _chain(self, names: Sequence[str], x: torch.Tensor) -> torch.Tensor:
        for name in names:
            x = functional.relu_(self._run(name, x))
        return x


def folded_layers(table: Mapping[str, np.ndarray]) -> dict[str, list[np.ndarray]]:
    """Layer name -> [weight] or [weight, bias], out of a published `.pth`'s whole keys.

    A norm stands right behind its convolution: `model.0.1` is that of `model.0.0`.
    """
    layers = {}
    for key, weight in table.items():
        layer, _, kind = key.rpartition(".")
        if kind != "weight" or weight.ndim != 4:
            continue
        bias = table.get(f"{layer}.bias")
        block, _, number = layer.rpartition(".")
        norm = f"{block}.{int(number) + 1}" if number.isdecimal() else ""
        if f"{norm}.running_var" in table:
            weight, bias = _folded(weight, bias, *(table[f"{norm}.{one}"] for one in NORM))
        layers[layer] = [weight] if bias is None else [weight, bias]
    return layers


def _folded(
    weight: np.ndarray, bias: np.ndarray | None, gamma: np.ndarray, beta: np.ndarray,
    mean: np.ndarray, variance: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    scale = gamma / np.sqrt(variance.astype(np.float64) + EPSILON)
    shift = beta + ((0 if bias is None else bias) - mean) * scale
    folded = weight * scale[:, None, None, None]
    return folded.astype(np.float32), shift.astype(np.float32)
