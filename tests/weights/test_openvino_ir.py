import os
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from drawn.damaged_files import read_damaged
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openpose_py.errors import ModelFileError
from openpose_py.weights.openvino_ir import read_ir, read_ir_layers

SHARED = os.environ.get("OPENPOSE_PY_SHARED")
IR_FILE = Path(SHARED or ".") / "weights" / "human-pose-estimation-0001-fp16-int8.xml"
NAMES = {np.dtype(kind): name for name, kind in
         (("f32", "f4"), ("f16", "f2"), ("i8", "i1"), ("u8", "u1"), ("i64", "i8"))}  # fmt: skip
WEIGHT = np.arange(-6, 6).reshape(2, 3, 1, 2)
BIAS = np.array([0.5, -2]).reshape(1, 2, 1, 1)
PADS = 'auto_pad="explicit" pads_begin="0,0" pads_end="0,0" strides="1,1" dilations="1,1"'


class Written:
    """An IR in the making."""

    def __init__(self) -> None:
        self.layers, self.edges, self.bytes = list[str](), list[str](), b""

    def add(self, kind: str, *sources: int, name: str = "", data: str = "") -> int:
        number = len(self.layers)
        element = f"<data {data}/>" if data else ""
        self.layers.append(
            f'<layer id="{number}" name="{name or kind + str(number)}" type="{kind}">{element}'
            "</layer>"
        )
        self.edges += [
            f'<edge from-layer="{source}" from-port="0" to-layer="{number}" to-port="{port}"/>'
            for port, source in enumerate(sources)
        ]
        return number

    def constant(self, array: np.ndarray) -> int:
        shape = ", ".join(map(str, array.shape))
        data = (
            f'element_type="{NAMES[array.dtype]}" shape="{shape}" '
            f'offset="{len(self.bytes)}" size="{array.nbytes}"'
        )
        self.bytes += array.tobytes()
        return self.add("Const", data=data)

    def text(self) -> str:
        layers, edges = "".join(self.layers), "".join(self.edges)
        return f'<net version="10"><layers>{layers}</layers><edges>{edges}</edges></net>'


def written(folder: Path, text: str | bytes, weights: bytes) -> Path:
    path = folder / "net.xml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    path.with_suffix(".bin").write_bytes(weights)
    return path


def convolution(ir: Written, weight: int, kind: str = "Convolution", pads: str = PADS) -> None:
    data = ir.add("Parameter", name="data")
    number = ir.add(kind, data, weight, name="conv/WithoutBiases", data=pads)
    ir.add("Add", number, ir.constant(BIAS.astype("f2")))


def plain(dtype: str = "f4") -> Written:
    ir = Written()
    convolution(ir, ir.constant(WEIGHT.astype(dtype)))
    return ir


@pytest.mark.parametrize("dtype", ["f4", "f2"])
def test_floats_are_read_in_both_sizes(tmp_path: Path, dtype: str) -> None:
    ir = plain(dtype)
    layers = read_ir_layers(written(tmp_path, ir.text(), ir.bytes))
    assert list(layers) == ["conv"]
    assert np.array_equal(layers["conv"][0], WEIGHT)
    assert layers["conv"][1].tolist() == [0.5, -2]
    assert {blob.dtype for blob in layers["conv"]} == {np.dtype(np.float32)}


def test_integers_are_scaled_from_their_zero_points(tmp_path: Path) -> None:
    ir = Written()
    zero, scale = np.array([1, -2]), np.array([0.5, 0.25])
    integers = ir.add("Convert", ir.constant(WEIGHT.astype("i1")))
    moved = ir.add("Subtract", integers, ir.constant(zero.astype("f2").reshape(2, 1, 1, 1)))
    scaled = ir.add("Multiply", moved, ir.constant(scale.astype("f2").reshape(2, 1, 1, 1)))
    convolution(ir, scaled)
    found = read_ir_layers(written(tmp_path, ir.text(), ir.bytes))["conv"][0]
    assert np.array_equal(found, (WEIGHT - zero.reshape(2, 1, 1, 1)) * scale.reshape(2, 1, 1, 1))


def test_weights_that_are_quantised_when_run_are_quantised_when_read(tmp_path: Path) -> None:
    ir = Written()
    ends = [ir.constant(np.array([end], "f4")) for end in (-4, 4, -1, 1)]
    stored = ir.constant(WEIGHT.astype("f4"))
    convolution(ir, ir.add("FakeQuantize", stored, *ends, data='levels="5"'))
    found = read_ir_layers(written(tmp_path, ir.text(), ir.bytes))["conv"][0]
    steps = np.rint((np.clip(WEIGHT, -4, 4) + 4) / 2)
    assert np.array_equal(found, steps / 2 - 1)


def test_a_depthwise_convolution_is_reshaped_to_four_axes(tmp_path: Path) -> None:
    ir = Written()
    stored = ir.constant(np.arange(18, dtype="f4").reshape(2, 1, 3, 3))
    shape = ir.constant(np.array([2, 1, 1, 3, 3], "i8"))
    convolution(ir, ir.add("Reshape", stored, shape), "GroupConvolution")
    found = read_ir_layers(written(tmp_path, ir.text(), ir.bytes))["conv"][0]
    assert np.array_equal(found, np.arange(18).reshape(2, 1, 3, 3))


def test_scale_and_shift_of_the_input_are_a_layer(tmp_path: Path) -> None:
    ir = Written()
    scaled = ir.add("Multiply", ir.add("Parameter"), ir.constant(np.full((1, 1, 1, 1), 0.25, "f4")))
    shift = ir.constant(np.array([1, 2, 3], "f4").reshape(1, 3, 1, 1))
    shifted = ir.add("Add", scaled, shift)
    ir.add("Convolution", shifted, ir.constant(WEIGHT.astype("f4")), name="conv", data=PADS)
    layers = read_ir_layers(written(tmp_path, ir.text(), ir.bytes))
    assert [blob.ravel().tolist() for blob in layers["data"]] == [[0.25] * 3, [1, 2, 3]]


@pytest.mark.skipif(not SHARED, reason="OPENPOSE_PY_SHARED names no folder")
def test_the_published_ir_has_all_its_layers() -> None:
    layers = read_ir_layers(IR_FILE)
    assert len(layers) == 59 and layers["Mconv7_stage2_L2"][0].shape == (19, 128, 1, 1)
    assert sum(blob.size for name in layers if name != "data" for blob in layers[name]) == 4_099_058


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('version="10"', 'version="6"', "no IR of version"),
        ("<net ", "<!DOCTYPE x []><net ", "document type"),
        ("</net>", "", "no XML"),
        ('size="48"', 'size="47"', "47 bytes for shape"),
        ('offset="0"', 'offset="9"', "more bytes than"),
        ('offset="0"', 'offset="-1"', "has offset"),
        ('shape="2, 3, 1, 2"', 'shape="999999999999, 3, 1, 2"', "bytes for shape"),
        ('shape="2, 3, 1, 2"', 'shape="12"', "no weights"),
        ("f32", "boolean", "no known way"),
        ('pads_end="0,0"', 'pads_end="1,1"', "padded in no known way"),
        ('auto_pad="explicit"', 'auto_pad="same_upper"', "padded in no known way"),
        ('id="1"', 'id="0"', "two layers"),
        ('id="1" ', "", "a layer without"),
        ('from-layer="0"', 'from-layer="77"', "not there"),
        ('type="Convolution"', 'type="Pooling"', "no convolution"),
        ('shape="1, 2, 1, 1"', 'shape="1, 1, 1, 1"', "4 bytes for shape"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    ir = plain()
    text = ir.text()
    assert old in text
    with pytest.raises(ModelFileError) as caught:
        read_ir_layers(written(tmp_path, text.replace(old, new), ir.bytes))
    assert said in caught.value.what and "\n" not in caught.value.what


def test_a_missing_bin_is_named(tmp_path: Path) -> None:
    path = tmp_path / "net.xml"
    path.write_text(plain().text())
    with pytest.raises(ModelFileError, match=r"net\.bin beside it"):
        read_ir(path)


def test_many_layers_cannot_share_the_same_bytes(tmp_path: Path) -> None:
    ir = Written()
    big = ir.constant(np.zeros((1000, 1000, 1, 1), "f2"))
    data = ir.add("Parameter")
    for n in range(100):
        ir.add("Convolution", data, big, name=f"conv{n}", data=PADS)
    path = written(tmp_path, ir.text(), ir.bytes)
    tracemalloc.start()
    with pytest.raises(ModelFileError, match="more bytes than"):
        read_ir_layers(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * len(ir.bytes)


def test_a_circle_of_operations_ends(tmp_path: Path) -> None:
    ir = Written()
    ir.add("Convert", 0)
    convolution(ir, 0)
    started = time.perf_counter()
    with pytest.raises(ModelFileError, match="no weights"):
        read_ir_layers(written(tmp_path, ir.text(), ir.bytes))
    assert time.perf_counter() - started < 1


@given(st.data())
@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_damage_ends_in_a_result_or_in_one_error(tmp_path: Path, data: st.DataObject) -> None:
    ir = plain()
    broken, weights = bytearray(ir.text().encode()), bytearray(ir.bytes)
    for _ in range(data.draw(st.integers(1, 8))):
        target = data.draw(st.sampled_from([broken, broken, broken, weights]))
        printable = st.sampled_from(list(b'0123456789,."<>/ aeiou-'))
        value = data.draw(st.one_of(printable, st.integers(0, 255)))
        target[data.draw(st.integers(0, len(target) - 1))] = value
    path = written(tmp_path, bytes(broken), bytes(weights))
    read_damaged(read_ir_layers, path)
