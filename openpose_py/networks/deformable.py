"""Deformable convolution, version 1: each tap of the kernel looks where an offset sends it."""

import torch
from torch import nn
from torch.nn import functional

KERNEL = 3
TAPS = KERNEL * KERNEL
OFFSETS = 2 * TAPS  # y and x of every tap


class DeformableConvolution(nn.Module):
    """A 3x3 convolution with padding 1 and without bias."""

    def __init__(self, channels: int, out: int, stride: int = 1) -> None:
        super().__init__()
        self.stride = stride
        self.weight = nn.Parameter(torch.zeros(out, channels, KERNEL, KERNEL))

    def forward(self, x: torch.Tensor, offsets: torch.Tensor) -> torch.Tensor:
        """x: (n, channels, h, w). offsets: (n, 18, h', w'), cells of x; channel 2t moves tap t
        down, channel 2t + 1 to the right, taps in raster order. Returns (n, out, h', w').

        Values between cells are bilinear; what lies outside of x counts as 0.
        """
        height, width = offsets.shape[2:]
        places = self._places(offsets, x.shape[2], x.shape[3])
        taps = functional.grid_sample(x, places, align_corners=False)
        columns = taps.reshape(x.shape[0], x.shape[1] * TAPS, height * width)
        result = self.weight.flatten(1) @ columns
        return result.reshape(x.shape[0], -1, height, width)

    def _places(self, offsets: torch.Tensor, rows: int, columns: int) -> torch.Tensor:
        """(n, 9 h', w', 2): x and y where the taps look, from -1 to 1 across the map."""
        height, width = offsets.shape[2:]
        tap = torch.arange(KERNEL, dtype=offsets.dtype, device=offsets.device)
        y = torch.arange(height, dtype=offsets.dtype, device=offsets.device) * self.stride - 1
        x = torch.arange(width, dtype=offsets.dtype, device=offsets.device) * self.stride - 1
        down = (tap[:, None] + y).repeat_interleave(KERNEL, dim=0)[:, :, None]
        right = (tap[:, None] + x).repeat(KERNEL, 1)[:, None, :]
        moved = offsets.reshape(offsets.shape[0], TAPS, 2, height, width)
        # The middle of cell 0 lies half a cell inside the map.
        places = [
            (moved[:, :, 1] + right) * (2 / columns) + (1 / columns - 1),
            (moved[:, :, 0] + down) * (2 / rows) + (1 / rows - 1),
        ]
        return torch.stack(places, dim=-1).reshape(offsets.shape[0], TAPS * height, width, 2)
