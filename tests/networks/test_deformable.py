import math

import numpy as np
import pytest
import torch

from openpose_py.networks.deformable import DeformableConvolution


def slowly(x: np.ndarray, offsets: np.ndarray, weight: np.ndarray, stride: int) -> np.ndarray:
    """One value after the other, from the definition."""
    n, _, height, width = offsets.shape
    result = np.zeros((n, len(weight), height, width))
    for image in range(n):
        for row in range(height):
            for column in range(width):
                for tap in range(9):
                    i, j = divmod(tap, 3)
                    down, right = offsets[image, 2 * tap : 2 * tap + 2, row, column]
                    y, z = row * stride - 1 + i + down, column * stride - 1 + j + right
                    seen = between(x[image], y, z)
                    result[image, :, row, column] += weight[:, :, i, j] @ seen
    return result


def between(maps: np.ndarray, y: float, x: float) -> np.ndarray:
    """(channels,): the maps at y, x; cells outside count as 0."""
    channels, height, width = maps.shape
    total = np.zeros(channels)
    top, left = math.floor(y), math.floor(x)
    for row, share_y in ((top, top + 1 - y), (top + 1, y - top)):
        for column, share_x in ((left, left + 1 - x), (left + 1, x - left)):
            if 0 <= row < height and 0 <= column < width:
                total += share_y * share_x * maps[:, row, column]
    return total


@pytest.mark.parametrize(("stride", "size"), [(1, (5, 7)), (2, (6, 8)), (1, (1, 3)), (2, (7, 5))])
@pytest.mark.parametrize("spread", [0.3, 4.0])
def test_it_equals_a_slow_version(stride: int, size: tuple[int, int], spread: float) -> None:
    random = np.random.default_rng(1)
    layer = DeformableConvolution(3, 4, stride).double().requires_grad_(False)
    layer.weight.copy_(torch.from_numpy(random.normal(size=(4, 3, 3, 3))))
    x = random.normal(size=(2, 3, *size))
    out = [(side - 1) // stride + 1 for side in size]
    offsets = spread * random.normal(size=(2, 18, *out))
    offsets[0, :, 0, 0] = np.rint(offsets[0, :, 0, 0])  # exactly on cells, and on the rim outside
    found = layer(torch.from_numpy(x), torch.from_numpy(offsets)).numpy()
    np.testing.assert_allclose(found, slowly(x, offsets, layer.weight.numpy(), stride), atol=1e-12)


@pytest.mark.parametrize("stride", [1, 2])
def test_without_offsets_it_is_a_plain_convolution(stride: int) -> None:
    torch.manual_seed(4)
    layer = DeformableConvolution(8, 6, stride).requires_grad_(False)
    layer.weight.normal_()
    x = torch.randn(1, 8, 12, 10)
    wanted = torch.nn.functional.conv2d(x, layer.weight, stride=stride, padding=1)
    found = layer(x, torch.zeros(1, 18, *wanted.shape[2:]))
    assert torch.allclose(found, wanted, atol=1e-4)
