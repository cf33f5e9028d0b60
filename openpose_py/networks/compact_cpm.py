"""Our own compact body network: EfficientNet-lite0, a feature pyramid, refinement stages.

The backbone (Tan and Le 2019, "lite" variant) gives features at strides 8, 16 and 32, which are
added from coarse to fine at one width. Each stage's maps are those of its forerunner plus a
correction computed from the features and the forerunner; the last stage is dilated, so that it sees
a whole person and can tell left from right. Heat maps come first, then part affinity fields.
"""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import nn
from torch.nn import functional

STRIDE = 8
COARSEST = 32  # stride of the backbone's last level; pictures are padded to a multiple of it
BODY_25B_MAPS = 97  # 25 heat maps, 72 PAF channels
NORM = "_norm"  # a layer's batch norm is named after it
BACKBONE_EPS = 1e-3  # of the batch norms in the backbone's published ImageNet weights


class BlockRow(NamedTuple):
    """`repeats` inverted residual blocks; the first of them has the stride."""

    expansion: int
    kernel: int
    stride: int
    width: int
    repeats: int


LITE0 = (
    BlockRow(1, 3, 1, 16, 1),
    BlockRow(6, 3, 2, 24, 2),
    BlockRow(6, 5, 2, 40, 2),
    BlockRow(6, 3, 2, 80, 3),
    BlockRow(6, 5, 1, 112, 3),
    BlockRow(6, 5, 2, 192, 4),
    BlockRow(6, 3, 1, 320, 1),
)


class CompactSize(NamedTuple):
    """width: channels of the pyramid and of every stage. body, stages: the dilations of the
    residual blocks behind the pyramid, and of each stage's."""

    maps: int
    rows: tuple[BlockRow, ...] = LITE0
    stem: int = 32
    width: int = 128
    body: tuple[int, ...] = (1,)
    stages: tuple[tuple[int, ...], ...] = ((), (1, 1), (2, 4))


class Block(NamedTuple):
    """One inverted residual block, and the stride of its output within the picture."""

    name: str
    row: BlockRow
    stride: int
    inside: int
    level: int

    @property
    def adds(self) -> bool:
        return self.stride == 1 and self.inside == self.row.width


class CompactCpm(nn.Module):
    """Layers are direct children, so that keys read `block03_expand.weight`.

    normed: each layer but the maps' has a batch norm, for training; else `fold` made them biases.
    """

    def __init__(self, size: CompactSize, normed: bool = True) -> None:
        super().__init__()
        self.size, self.normed = size, normed
        self.blocks = list(_blocks(size))
        self.levels = {block.level: block for block in self.blocks if block.level >= STRIDE}
        self._add_backbone()
        for level, last in self.levels.items():
            self._add(f"lateral{level}", last.row.width, size.width, 1)
        self._add("merge16", size.width, size.width)
        self._add("merge8", size.width, size.width)
        self._add_residuals("body", size.body)
        for number, dilations in enumerate(size.stages, start=1):
            self._add_stage(number, dilations)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x: float32 (n, 3, h, w), B G R, value / 256 - 0.5, h and w multiples of 8.

        Returns the last stage's (n, maps, h/8, w/8): heat maps, part affinity fields.
        """
        return self.stages(x)[-1]

    def stages(self, x: torch.Tensor) -> list[torch.Tensor]:
        """The maps of every stage, each as `forward` returns the last's."""
        height, width = x.shape[-2:]
        x = functional.pad(x, (0, -width % COARSEST, 0, -height % COARSEST))
        features = self._pyramid(self._backbone(x))
        maps = self.get_submodule("stage1_maps")(features)
        outputs = [maps]
        for number, dilations in enumerate(self.size.stages[1:], start=2):
            seen = self._relu(f"stage{number}_mix", torch.cat([features, maps], dim=1))
            seen = self._residuals(f"stage{number}", dilations, seen)
            maps = maps + self.get_submodule(f"stage{number}_maps")(seen)
            outputs.append(maps)
        return [maps[..., : height // STRIDE, : width // STRIDE] for maps in outputs]

    def _add_backbone(self) -> None:
        self._add("stem", 3, self.size.stem, stride=2, backbone=True)
        for block in self.blocks:
            row, wide = block.row, block.inside * block.row.expansion
            if row.expansion != 1:
                self._add(f"{block.name}_expand", block.inside, wide, 1, backbone=True)
            self._add(
                f"{block.name}_depthwise", wide, wide, row.kernel,
                stride=block.stride, groups=wide, backbone=True,
            )  # fmt: skip
            self._add(f"{block.name}_project", wide, row.width, 1, backbone=True)

    def _backbone(self, x: torch.Tensor) -> dict[int, torch.Tensor]:
        """The levels at strides 8, 16 and 32."""
        x, found = self._relu6("stem", x), {}
        for block in self.blocks:
            y = self._relu6(f"{block.name}_expand", x) if block.row.expansion != 1 else x
            y = self._run(f"{block.name}_project", self._relu6(f"{block.name}_depthwise", y))
            x = x + y if block.adds else y
            if self.levels.get(block.level) is block:
                found[block.level] = x
        return found

    def _pyramid(self, levels: dict[int, torch.Tensor]) -> torch.Tensor:
        """Features at stride 8."""
        at8, at16, at32 = (self._relu(f"lateral{level}", x) for level, x in levels.items())
        at16 = self._relu("merge16", at16 + _enlarge(at32, at16))
        at8 = self._relu("merge8", at8 + _enlarge(at16, at8))
        return self._residuals("body", self.size.body, at8)

    def _add_stage(self, number: int, dilations: tuple[int, ...]) -> None:
        size = self.size
        if number > 1:
            self._add(f"stage{number}_mix", size.width + size.maps, size.width, 1)
            self._add_residuals(f"stage{number}", dilations)
        head = nn.Conv2d(size.width, size.maps, 1)
        if not head.weight.is_meta:  # there PyTorch would load its compiler: 1.5 seconds
            # A later stage begins as almost a copy of the one before it.
            nn.init.normal_(head.weight, std=0.01 if number == 1 else 0.001)
            nn.init.constant_(head.get_parameter("bias"), 0.0)
        self.add_module(f"stage{number}_maps", head)

    def _add_residuals(self, name: str, dilations: tuple[int, ...]) -> None:
        width = self.size.width
        for n, dilation in enumerate(dilations):
            self._add(f"{name}_{n}a", width, width, dilation=dilation)
            self._add(f"{name}_{n}b", width, width, dilation=dilation)

    def _residuals(self, name: str, dilations: tuple[int, ...], x: torch.Tensor) -> torch.Tensor:
        for n in range(len(dilations)):
            y = self._run(f"{name}_{n}b", self._relu(f"{name}_{n}a", x))
            x = functional.relu(x + y)
        return x

    def _add(
        self, name: str, inside: int, outside: int, kernel: int = 3, *,
        stride: int = 1, groups: int = 1, dilation: int = 1, backbone: bool = False,
    ) -> None:  # fmt: skip
        convolution = nn.Conv2d(
            inside, outside, kernel, stride, kernel // 2 * dilation, dilation, groups,
            bias=not self.normed,
        )  # fmt: skip
        self.add_module(name, convolution)
        if self.normed:
            self.add_module(
                name + NORM, nn.BatchNorm2d(outside, BACKBONE_EPS if backbone else 1e-5)
            )

    def _run(self, name: str, x: torch.Tensor) -> torch.Tensor:
        x = self.get_submodule(name)(x)
        return self.get_submodule(name + NORM)(x) if self.normed else x

    def _relu(self, name: str, x: torch.Tensor) -> torch.Tensor:
        return functional.relu_(self._run(name, x))

    def _relu6(self, name: str, x: torch.Tensor) -> torch.Tensor:
        return functional.hardtanh_(self._run(name, x), 0.0, 6.0)


def _blocks(size: CompactSize) -> Iterator[Block]:
    number, inside, level = 0, size.stem, 2
    for row in size.rows:
        for n in range(row.repeats):
            stride = row.stride if n == 0 else 1
            level *= stride
            yield Block(f"block{number:02}", row, stride, inside, level)
            number, inside = number + 1, row.width


def _enlarge(small: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    return functional.interpolate(small, like.shape[-2:], mode="bilinear", align_corners=False)


def fold(network: CompactCpm) -> CompactCpm:
    """A copy for inference: each batch norm multiplied into the convolution before it."""
    folded = CompactCpm(network.size, normed=False)
    table = network.state_dict()
    for key in folded.state_dict():
        name, _, blob = key.rpartition(".")
        norm = getattr(network, name + NORM, None)
        if blob == "weight" and isinstance(norm, nn.BatchNorm2d):
            _fold_norm(table, name, norm.eps)
    wanted = folded.state_dict().keys()
    folded.load_state_dict({key: table[key] for key in wanted})
    return folded.eval().requires_grad_(False)


def _fold_norm(table: dict[str, torch.Tensor], name: str, eps: float) -> None:
    """Replaces the layer's weight in `table` and adds its bias."""
    gain, shift, mean, variance = (
        table[f"{name}{NORM}.{key}"] for key in ("weight", "bias", "running_mean", "running_var")
    )
    gain = gain / torch.sqrt(variance + eps)
    table[f"{name}.weight"] = table[f"{name}.weight"] * gain[:, None, None, None]
    table[f"{name}.bias"] = shift - mean * gain


def body_25b() -> CompactCpm:
    """The network of a packaged weight file: folded."""
    return CompactCpm(CompactSize(BODY_25B_MAPS), normed=False)


def body_25b_for_training() -> CompactCpm:
    return CompactCpm(CompactSize(BODY_25B_MAPS))
