import json
import time
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from drawn.damaged_files import peak_of
from drawn.make_caffemodel import (
    NETS,
    blob,
    caffemodel_bytes,
    message,
    number,
    read_table,
    text,
    varint,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch.nn import functional

from openpose_py.errors import ModelFileError
from openpose_py.weights.caffemodel import read_caffemodel
from openpose_py.weights.load import match_layers

MINI = NETS / "mini"
MANIFEST = json.loads((NETS / "manifest.json").read_text())
SMALL = (MINI / "v1_as_new.caffemodel").read_bytes()
ARRAY = np.arange(12, dtype=np.float32).reshape(2, 3, 1, 2)
TINY = b"".join(
    caffemodel_bytes({f"conv{v1}{kind}": [ARRAY[:1, :1], ARRAY[0, 0, 0]]}, v1, **{key: kind})
    for v1 in (False, True)
    for key, kind in (
        ("shape", "dims"),
        ("shape", "nchw"),
        ("data", "unpacked"),
        ("data", "double"),
    )
)


def table_of(name: str) -> dict[str, Any]:
    return read_table(MINI / f"net_mini_{name.split('_')[0]}.json")


def wanted_of(table: dict[str, Any]) -> dict[str, list[tuple[int, ...]]]:
    return {
        layer["name"]: [tuple(shape) for shape in layer["params"]]
        for layer in table["layers"]
        if "params" in layer
    }


def run_table(table: dict[str, Any], weights: dict[str, np.ndarray], x: np.ndarray) -> np.ndarray:
    """The table's network, layer by layer, in float64."""
    tensors = {key: torch.from_numpy(array).double() for key, array in weights.items()}
    blobs = {"image": torch.from_numpy(x).double()}
    for layer in table["layers"]:
        name, inputs = layer["name"], [blobs[bottom] for bottom in layer["bottoms"]]
        blobs[layer["tops"][0]] = run_layer(layer, inputs, tensors, name)
    return blobs["net_output"].numpy()


def run_layer(
    layer: dict[str, Any], inputs: list[torch.Tensor], tensors: dict[str, torch.Tensor], name: str
) -> torch.Tensor:
    (x, *_), kind = inputs, layer["type"]
    if kind == "Convolution":
        weight, bias = tensors[f"{name}.weight"], tensors.get(f"{name}.bias")
        shape = layer["stride"], layer["pad"], layer["dilation"], layer["group"]
        return functional.conv2d(x, weight, bias, *shape)
    if kind == "PReLU":
        return functional.prelu(x, tensors[f"{name}.weight"])
    if kind == "Pooling":
        pool = {"MAX": functional.max_pool2d, "AVE": functional.avg_pool2d}[layer["pool"]]
        return pool(x, layer["kernel"], layer["stride"], layer["pad"], ceil_mode=True)
    if kind == "Concat":
        return torch.cat(inputs, dim=layer["axis"])
    return functional.relu(x) if kind == "ReLU" else x


@pytest.mark.parametrize("name", MANIFEST["mini"])
def test_every_encoding_gives_the_golden_output(name: str) -> None:
    path, golden, table = MINI / f"{name}.caffemodel", np.load(MINI / f"{name}.npz"), table_of(name)
    layers = read_caffemodel(path)
    weights = match_layers(layers, wanted_of(table), path)
    output = run_table(table, weights, golden["input"])
    assert output.shape == golden["output"].shape
    assert np.abs(output - golden["output"]).max() < 1e-5


@pytest.mark.parametrize("name", MANIFEST["hostile"])
def test_a_hostile_file_is_refused_in_one_line(name: str) -> None:
    path = MINI / "hostile" / f"{name}.caffemodel"
    started = time.perf_counter()
    with pytest.raises(ModelFileError) as caught:
        match_layers(read_caffemodel(path), wanted_of(table_of("a")), path)
    assert caught.value.where == str(path)
    assert len(caught.value.what) < 200 and "\n" not in caught.value.what
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize("v1", [False, True])
@pytest.mark.parametrize("shape", ["dims", "nchw"])
@pytest.mark.parametrize("data", ["packed", "unpacked", "double"])
def test_what_is_written_is_read(tmp_path: Path, v1: bool, shape: str, data: str) -> None:
    path = tmp_path / "x.caffemodel"
    path.write_bytes(caffemodel_bytes({"a": [ARRAY], "b": [ARRAY]}, v1, shape=shape, data=data))
    layers = read_caffemodel(path)
    assert list(layers) == ["a", "b"]
    assert layers["b"][0].dtype == np.float32
    assert np.array_equal(layers["b"][0], ARRAY)


def test_the_oldest_layers_are_read(tmp_path: Path) -> None:
    oldest = text(1, "conv") + text(2, "conv") + message(50, blob(ARRAY, shape="nchw"))
    path = tmp_path / "x.caffemodel"
    path.write_bytes(message(2, message(1, oldest) + text(2, "data")))
    assert np.array_equal(read_caffemodel(path)["conv"][0], ARRAY)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n", "git-lfs"),
        (b"\xef\xbb\xbf <!DOCTYPE html><html>\xc3\xa4</html>", "web page"),
        (b'# a net\nname: "x"\nlayer { name: "conv1" }\n', "text file"),
        (b"", "is empty"),
        (text(1, "a net without layers"), "no layer with weights"),
    ],
)
def test_what_is_no_weight_file_is_named(tmp_path: Path, data: bytes, said: str) -> None:
    path = tmp_path / "x.caffemodel"
    path.write_bytes(data)
    with pytest.raises(ModelFileError, match=said):
        read_caffemodel(path)


def test_a_folder_and_a_missing_file_are_model_file_errors(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="folder"):
        read_caffemodel(tmp_path)
    with pytest.raises(ModelFileError, match="cannot be read"):
        read_caffemodel(tmp_path / "nothing")


def test_a_flood_of_tiny_fields_is_stopped(tmp_path: Path) -> None:
    alternating = (number(9, 1) + varint(10 << 3 | 5) + bytes(4)) * 60_000
    empty_chunks = message(100, text(1, "x") + message(7, message(5, b"") * 60_000))
    many_blobs = message(100, text(1, "x") + message(7, b"") * 60_000)
    for data in (alternating, empty_chunks, many_blobs):
        path = tmp_path / "x.caffemodel"
        path.write_bytes(data)
        tracemalloc.start()
        started = time.perf_counter()
        with pytest.raises(ModelFileError):
            read_caffemodel(path)
        seconds, (_, peak) = time.perf_counter() - started, tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert seconds < 10 and peak < 50e6


def test_five_million_single_values_are_read_as_one_run(tmp_path: Path) -> None:
    array = np.ones((5_000_000,), np.float32)
    path = tmp_path / "x.caffemodel"
    path.write_bytes(caffemodel_bytes({"a": [array]}, data="unpacked"))
    started = time.perf_counter()
    assert np.array_equal(read_caffemodel(path)["a"][0], array)
    assert time.perf_counter() - started < 3


@given(st.data())
@settings(
    max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_damage_ends_in_a_result_or_in_one_error(tmp_path: Path, data: st.DataObject) -> None:
    broken = bytearray(data.draw(st.sampled_from([SMALL, TINY])))
    for _ in range(data.draw(st.integers(1, 8))):
        broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(1, len(broken)))
    path = tmp_path / "x.caffemodel"
    path.write_bytes(bytes(broken[:cut] if data.draw(st.booleans()) else broken))
    assert peak_of(read_caffemodel, path) < 2**20
