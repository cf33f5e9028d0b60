"""The detector's file and network, against the layer list of its configuration."""

import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional

from openpose_py.errors import ModelFileError
from openpose_py.networks.yolo_v3_spp import DarkConvolution
from openpose_py.weights.darknet import load_yolo_v3_spp, read_darknet

PUBLISHED_BYTES = 252_209_544
Row = tuple[str, tuple[int, ...]]


def residual(channels: int, blocks: int) -> list[Row]:
    block = [("conv", (channels // 2, 1, 1)), ("conv", (channels, 3, 1)), ("add", (-3,))]
    return [("conv", (channels, 3, 2)), *block * blocks]


def zigzag(width: int, count: int) -> list[Row]:
    wide = ("conv", (2 * width, 3, 1))
    return [("conv", (width, 1, 1)), *[wide, ("conv", (width, 1, 1))] * (count // 2)]


def head(width: int) -> list[Row]:
    return [("conv", (2 * width, 3, 1)), ("last", (255, 1, 1)), ("yolo", ())]


# yolov3-spp.cfg line by line; numbers of layers count every line, minus ones count backwards
ROWS: list[Row] = [
    ("conv", (32, 3, 1)), *residual(64, 1), *residual(128, 2), *residual(256, 8),
    *residual(512, 8), *residual(1024, 4), *zigzag(512, 3),
    ("pool", (5,)), ("route", (77,)), ("pool", (9,)), ("route", (77,)), ("pool", (13,)),
    ("route", (82, 80, 78, 77)), *zigzag(512, 3), *head(512),
    ("route", (86,)), ("conv", (256, 1, 1)), ("up", ()), ("route", (93 - 1, 61)),
    *zigzag(256, 5), *head(256),
    ("route", (98,)), ("conv", (128, 1, 1)), ("up", ()), ("route", (104, 36)),
    *zigzag(128, 5), *head(128),
]  # fmt: skip


def weights_file(path: Path) -> np.ndarray:
    """Numbers as large as those of a trained file; variances are positive."""
    random = np.random.default_rng(11)
    parts, channels = [], list[int]()
    for kind, values in ROWS:
        if kind in ("conv", "last"):
            out, kernel, _ = values
            fan = channels[-1] * kernel**2 if channels else 27
            norm = random.uniform(0.5, 1, (1 if kind == "last" else 4, out))
            weights = (random.random(out * fan, np.float32) - 0.5) * np.float32((12 / fan) ** 0.5)
            parts += [norm.ravel().astype(np.float32), weights]
            channels.append(out)
        elif kind == "route":
            channels.append(sum(channels[n] for n in values))
        else:
            channels.append(channels[-1])
    numbers = np.concatenate(parts)
    header = np.array([0, 2, 0, 32013312, 0], "<i4")
    path.write_bytes(header.tobytes() + numbers.astype("<f4").tobytes())
    return numbers


def slowly(numbers: np.ndarray, x: torch.Tensor) -> list[torch.Tensor]:
    """Row after row."""
    outputs, heads, at = list[torch.Tensor](), list[torch.Tensor](), 0

    def taken(*shape: int) -> torch.Tensor:
        nonlocal at
        values = numbers[at : at + int(np.prod(shape))]
        at += values.size
        return torch.from_numpy(values.reshape(shape))

    for kind, values in ROWS:
        if kind == "route":
            x = torch.cat([outputs[n] for n in values], dim=1)
        elif kind == "add":
            x = outputs[-1] + outputs[len(outputs) + values[0]]
        elif kind == "pool":
            x = zero_padded_pool(x, values[0])
        elif kind == "up":
            x = x.repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
        elif kind == "yolo":
            heads.append(x)
        else:
            out, kernel, stride = values
            norm = taken(1 if kind == "last" else 4, out)[:, :, None, None]
            weight = taken(out, x.shape[1], kernel, kernel)
            x = functional.conv2d(x, weight, None, stride, (kernel - 1) // 2)
            if kind == "last":
                x = x + norm[0]
            else:
                beta, gamma, mean, var = norm
                x = (x - mean) / (var + 1e-5).sqrt() * gamma + beta
                x = torch.where(x > 0, x, 0.1 * x)
        outputs.append(x)
    assert at == len(numbers)
    return heads


def zero_padded_pool(x: torch.Tensor, kernel: int) -> torch.Tensor:
    wide = functional.pad(x, [kernel // 2] * 4)
    return torch.stack(
        [wide[:, :, i : i + x.shape[2], j : j + x.shape[3]]
         for i in range(kernel) for j in range(kernel)]
    ).amax(dim=0)  # fmt: skip


def test_file_and_network_equal_the_configuration_line_by_line(tmp_path: Path) -> None:
    path = tmp_path / "yolov3-spp.weights"
    numbers = weights_file(path)
    assert path.stat().st_size == PUBLISHED_BYTES
    network = load_yolo_v3_spp(path)
    path.unlink()
    x = torch.from_numpy(np.random.default_rng(12).random((1, 3, 64, 96), np.float32))
    found, wanted = network(x), slowly(numbers, x)
    assert [one.shape[2:] for one in found] == [(2, 3), (4, 6), (8, 12)]
    for one, other in zip(found, wanted, strict=True):
        assert torch.allclose(one, other, rtol=1e-4, atol=1e-5 * float(other.abs().max()))


@pytest.mark.parametrize("size", [1, 20, 2000, PUBLISHED_BYTES - 4, PUBLISHED_BYTES + 4])
def test_a_file_of_another_size_is_refused(tmp_path: Path, size: int) -> None:
    path = tmp_path / "yolov3.weights"
    with path.open("wb") as file:
        file.write(b"\0")
        file.truncate(size)
    with pytest.raises(ModelFileError) as caught:
        load_yolo_v3_spp(path)
    assert f"{size} bytes" in caught.value.what and str(PUBLISHED_BYTES) in caught.value.hint


@pytest.mark.parametrize("files", [300, pytest.param(10_000, marks=pytest.mark.slow)])
def test_damaged_files_are_read_or_refused_in_one_line(tmp_path: Path, files: int) -> None:
    network = torch.nn.Sequential(DarkConvolution(3, 2, 1), DarkConvolution(2, 1, 1, is_last=True))
    path = tmp_path / "small.weights"
    numbers = np.arange(1, 18, dtype="<f4")
    path.write_bytes(bytes(20) + numbers.tobytes())
    tensors = read_darknet(path, network)
    assert tensors["0.bn.bias"].tolist() == [1, 2] and tensors["0.bn.weight"].tolist() == [3, 4]
    assert tensors["0.conv.weight"].shape == (2, 3, 1, 1) and tensors["1.conv.bias"] == 15
    random = np.random.default_rng(13)
    for number in range(files):
        size = 20 + numbers.nbytes + (number % 3 == 0) * int(random.integers(-20, 21))
        path.write_bytes(random.integers(0, 256, size, np.uint8).tobytes())
        tracemalloc.start()
        try:
            values = read_darknet(path, network)
        except ModelFileError as problem:
            assert problem.what and "\n" not in problem.what
        else:
            assert all(torch.isfinite(one).all() for one in values.values())
        assert tracemalloc.get_traced_memory()[1] < 2**18
        tracemalloc.stop()


def test_reading_takes_less_than_twice_the_file(tmp_path: Path) -> None:
    path = tmp_path / "yolov3-spp.weights"
    with path.open("wb") as file:
        file.truncate(PUBLISHED_BYTES)
    tracemalloc.start()
    try:
        load_yolo_v3_spp(path)
        assert tracemalloc.get_traced_memory()[1] < 2 * PUBLISHED_BYTES
    finally:
        tracemalloc.stop()
