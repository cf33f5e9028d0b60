import io
import pickle
import random
import struct
import tracemalloc
import zipfile
from collections import Counter, OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from drawn.damaged_files import read_damaged
from safetensors.torch import save_file
from torch import nn

from openpose_py.errors import ModelFileError
from openpose_py.weights.files import OLD_TORCH
from openpose_py.weights.state_dict import load_state_dict_strictly, read_state_dict

COUNTER = "num_batches_tracked"


def blobs_of(path: Path) -> dict[str, list[np.ndarray]]:
    return {key: [array] for key, array in read_state_dict(path).items()}


def small_network() -> nn.Module:
    torch.manual_seed(7)
    network = nn.Sequential(nn.Conv2d(2, 3, 3), nn.BatchNorm2d(3), nn.Linear(4, 2))
    network.get_buffer("1.running_mean").copy_(torch.tensor([0.5, 1.0, 1.5]))
    return network


def saved(table: Any, zipped: bool = True) -> bytes:
    buffer = io.BytesIO()
    torch.save(table, buffer, _use_new_zipfile_serialization=zipped)
    return buffer.getvalue()


def checkpoint(table: dict[str, torch.Tensor]) -> dict[str, Any]:
    """As training programs leave it, with an optimizer that numbers tensors by their address."""
    address = 140_213_409_812_456
    state = {address: {"step": 3, "exp_avg": torch.zeros(3)}}
    group = {"lr": 4e-5, "betas": (0.9, 0.999), "amsgrad": False, "params": [address]}
    scheduler = {"milestones": Counter([100, 200]), "last_epoch": 7, "optimizer": None}
    return {
        "state_dict": OrderedDict(table), "optimizer": {"state": state, "param_groups": [group]},
        "scheduler": scheduler, "iter": 370_000, "best": 0.25,
    }  # fmt: skip


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("prefix", ["", "module."])
@pytest.mark.parametrize("counted", [True, False])
@pytest.mark.parametrize("nested", [True, False])
def test_files_of_all_kinds_fill_a_network(
    tmp_path: Path, zipped: bool, prefix: str, counted: bool, nested: bool
) -> None:
    network = small_network()
    table = {
        prefix + key: value
        for key, value in network.state_dict().items()
        if counted or not key.endswith(COUNTER)
    }
    path = tmp_path / "x.pth"
    path.write_bytes(saved(checkpoint(table) if nested else OrderedDict(table), zipped))
    with torch.device("meta"):
        other = small_network()
    filled = load_state_dict_strictly(path, other)
    assert not filled.training
    for key, value in filled.state_dict().items():
        assert torch.equal(value, network.state_dict()[key])


def test_safetensors_fill_a_network(tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    save_file(small_network().state_dict(), path)
    filled = load_state_dict_strictly(path, small_network().apply(nn.Module.train))
    assert torch.equal(filled.get_buffer("1.running_mean"), torch.tensor([0.5, 1.0, 1.5]))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
@pytest.mark.parametrize("zipped", [True, False])
def test_other_float_types_become_float32(tmp_path: Path, dtype: torch.dtype, zipped: bool) -> None:
    path = tmp_path / "x.pth"
    path.write_bytes(saved({"a.weight": torch.tensor([0.5, -1.5], dtype=dtype)}, zipped))
    found = read_state_dict(path)["a.weight"]
    assert found.dtype == np.float32 and found.tolist() == [0.5, -1.5]


@pytest.mark.parametrize("zipped", [True, False])
def test_views_and_parameters_are_read(tmp_path: Path, zipped: bool) -> None:
    whole = torch.arange(24.0).reshape(4, 6)
    table = {"a": whole.T, "b": whole[1:3, ::2], "c": nn.Parameter(whole), "d": torch.tensor(2.0)}
    path = tmp_path / "x.pth"
    path.write_bytes(saved(table | {"e": torch.zeros(96)}, zipped))
    found = read_state_dict(path)
    for key, tensor in table.items():
        assert np.array_equal(found[key], tensor.detach().numpy())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t.pop("0.bias"), "lacks '0.bias'"),
        (lambda t: t.update({"3.weight": torch.ones(1)}), "'3.weight'"),
        (lambda t: t.update({"0.bias": torch.ones(4)}), "shape (4,), wanted (3,)"),
        (lambda t: t.update({"0.bias": torch.full((3,), float("inf"))}), "not finite"),
        (lambda t: t.update({"0.bias": torch.ones(3, dtype=torch.int64)}), "plain numbers"),
        (lambda t: t.update({"module.0.bias": torch.ones(3)}), "twice"),
        (lambda t: t.update({"note": "by hand"}), "not a tensor"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path: Path, change: Any, said: str) -> None:
    table = dict(small_network().state_dict())
    change(table)
    path = tmp_path / "x.pth"
    path.write_bytes(saved(table))
    with pytest.raises(ModelFileError) as caught:
        load_state_dict_strictly(path, small_network())
    assert said in caught.value.what and "\n" not in caught.value.what


class Evil:
    def __reduce__(self) -> tuple[Any, ...]:
        return (exec, ("raise SystemExit('code of the file was run')",))


def zipped_pickle(data: bytes, extra: dict[str, bytes] | None = None) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("x/data.pkl", data)
        for name, content in (extra or {}).items():
            archive.writestr(name, content)
    return buffer.getvalue()


def old_file(data: bytes) -> bytes:
    first = [OLD_TORCH, pickle.dumps(1001, 2), pickle.dumps({"little_endian": True}, 2)]
    return b"".join([*first, data, pickle.dumps([], 2)])


def refusal(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    with pytest.raises(ModelFileError) as caught:
        read_state_dict(path)
    assert "\n" not in caught.value.what
    return caught.value.what


@pytest.mark.parametrize("protocol", [2, 4])
@pytest.mark.parametrize("container", [zipped_pickle, old_file])
def test_code_in_a_pickle_is_never_run(tmp_path: Path, protocol: int, container: Any) -> None:
    evil = pickle.dumps({"a.weight": Evil()}, protocol)
    assert "pickled" in refusal(tmp_path / "x.pth", container(evil))


def nested_tuples(depth: int) -> bytes:
    """A key whose hash takes 2 to the power of depth steps."""
    return b"\x80\x02}" + b")" + b"q\x00h\x00\x86" * depth + b"K\x01s."


BOMBS = {
    "deep key": nested_tuples(60),
    "far memo": b"\x80\x02}r\xff\xff\xff\xff.",
    "long text": b"\x80\x02}X\xff\xff\xff\x7fa",
    "many tables": b"\x80\x02" + b"}" * 250_000 + b".",
    "no end": b"\x80\x02}",
    "nothing": b"\x80\x02.",
    "a list": b"\x80\x02].",
    "no mark": b"\x80\x02}u.",
}


@pytest.mark.parametrize("name", BOMBS)
@pytest.mark.parametrize("container", [zipped_pickle, old_file])
def test_pickle_bombs_end_in_one_line_and_take_little(
    tmp_path: Path, name: str, container: Any
) -> None:
    tracemalloc.start()
    refusal(tmp_path / "x.pth", container(BOMBS[name]))
    assert tracemalloc.get_traced_memory()[1] < 50 * 2**20
    tracemalloc.stop()


def test_tensors_larger_than_the_file_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.pth"
    huge = torch.ones(1).expand(10**9)
    assert "more values" in refusal(path, saved({"a": huge}))
    assert "more values" in refusal(path, saved({"a": huge}, zipped=False))
    lying = saved({"a": torch.ones(4)}, zipped=False)
    at = lying.rindex(struct.pack("<q", 4))
    assert "more values" in refusal(path, lying[:at] + struct.pack("<q", 2**40) + lying[at + 8 :])


def test_compressed_archives_are_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x/data.pkl", b"\x80\x02}." + bytes(10**7))
    assert "compressed" in refusal(tmp_path / "x.pth", buffer.getvalue())


@pytest.mark.filterwarnings("ignore:invalid escape sequence")  # of texts in damaged pickles
@pytest.mark.parametrize("zipped", [True, False])
def test_damaged_files_never_end_in_anything_but_an_error(tmp_path: Path, zipped: bool) -> None:
    whole = saved(checkpoint(dict(small_network().state_dict())), zipped)
    dice, path = random.Random(8), tmp_path / "x.pth"
    for _ in range(600):
        data = bytearray(whole)
        if dice.random() < 0.3:
            del data[dice.randrange(len(data)) :]
        for _ in range(dice.choice((1, 1, 3, 20))):
            if data:
                data[dice.randrange(len(data))] = dice.randrange(256)
        path.write_bytes(data)
        read_damaged(blobs_of, path)
