import shutil
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from drawn.damaged_files import read_damaged
from drawn.make_caffemodel import message, number
from drawn.tensorflow_files import entry, table, write_checkpoint

from openpose_py.errors import ModelFileError
from openpose_py.weights.load import read_layers
from openpose_py.weights.tf_checkpoint import read_checkpoint, read_checkpoint_layers

FIXTURE = Path(__file__).parents[1] / "golden" / "zoo" / "tf_checkpoint"
RANDOM = np.random.default_rng(4)
VARIABLES = {
    "MobilenetV2/Conv/weights": RANDOM.normal(size=(3, 3, 3, 4)).astype(np.float32),
    "MobilenetV2/Conv/BatchNorm/gamma": np.full(4, 2, np.float32),
    "MobilenetV2/Conv/BatchNorm/beta": np.full(4, 3, np.float32),
    "x_depthwise/depthwise_weights": RANDOM.normal(size=(3, 3, 4, 1)).astype(np.float32),
    "x_pointwise/weights": RANDOM.normal(size=(1, 1, 4, 2)).astype(np.float32),
    "x_pointwise/BatchNorm/beta": np.array([1, 2], np.float32),
    "x_pointwise/BatchNorm/moving_mean": np.array([3, 4], np.float32),
    "x_pointwise/BatchNorm/moving_variance": np.array([4, 9], np.float32),
}


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return write_checkpoint(tmp_path / "model-7.index", VARIABLES)


def said_of(path: Path) -> str:
    with pytest.raises(ModelFileError) as caught:
        read_checkpoint_layers(path)
    assert "\n" not in caught.value.what
    return caught.value.what


def test_variables_are_those_that_tensorflow_wrote() -> None:
    found = read_checkpoint(FIXTURE / "model-388003.index")
    data = FIXTURE / "model-388003.data-00000-of-00001"
    assert sum(array.nbytes for array in found.values()) == data.stat().st_size
    with np.load(FIXTURE / "values.npz") as wanted:
        assert found.keys() == {*wanted.files, "global_step"}
        assert all(np.array_equal(found[name], wanted[name]) for name in wanted.files)
    assert found["global_step"] == 388003


def test_norms_are_folded_but_for_those_of_the_picture(index: Path) -> None:
    layers = read_layers(index)
    assert list(layers) == [
        "MobilenetV2/Conv", "MobilenetV2/Conv/BatchNorm", "x_depthwise", "x_pointwise",
    ]  # fmt: skip
    assert [blob.tolist() for blob in layers["MobilenetV2/Conv/BatchNorm"]] == [[2] * 4, [3] * 4]
    assert layers["x_depthwise"][0].shape == (4, 1, 3, 3)
    weight, bias = layers["x_pointwise"]
    x = RANDOM.normal(size=4)
    plain = VARIABLES["x_pointwise/weights"][0, 0].T @ x
    wanted = (plain - [3, 4]) / np.sqrt(np.array([4, 9]) + 0.001) + [1, 2]
    np.testing.assert_allclose(weight[:, :, 0, 0] @ x + bias, wanted, rtol=1e-5)


def test_what_a_training_keeps_beside_weights_is_left_out(tmp_path: Path) -> None:
    slots = {f"{name}/Adam": array for name, array in VARIABLES.items()}
    whole = {**VARIABLES, **slots, "global_step": np.full((), 7, np.int64)}
    layers = read_checkpoint_layers(write_checkpoint(tmp_path / "a.index", whole))
    assert len(layers) == 4


def test_a_missing_data_file_is_named(index: Path) -> None:
    index.with_suffix(".data-00000-of-00001").unlink()
    assert "model-7.data-00000-of-00001 beside it" in said_of(index)


def test_the_data_file_alone_points_to_its_index(index: Path) -> None:
    with pytest.raises(ModelFileError, match=r"name model-7\.index"):
        read_layers(index.with_suffix(".data-00000-of-00001"))


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (entry(1, (2**40,), 0, 4), "a shape that no variable has"),
        (entry(1, (2**30, 2**30), 0, 2**62), "more bytes"),
        (entry(1, (4,), 0, 20), "20 bytes for 'x_pointwise/weights'"),
        (entry(1, (4,), 2**60, 16), "more bytes"),
        (entry(1, (4,), 0, 16) + number(3, 9), "no data file"),
        (entry(1, (4,), 0, 16) + message(7, b""), "in parts"),
        (entry(1, (1,) * 9, 0, 4), "a shape that no variable has"),
        (entry(1, (4,), 0, 16), "is no weight"),
        (b"\xff\xff", "cut short"),
    ],
)
def test_an_entry_that_lies_is_named(tmp_path: Path, row: bytes, said: str) -> None:
    path = write_checkpoint(tmp_path / "a.index", VARIABLES, {"x_pointwise/weights": row})
    assert said in said_of(path)


def test_many_variables_cannot_share_the_same_bytes(tmp_path: Path) -> None:
    size = 4 * 300 * 300
    rows = {f"layer{n}/weights": entry(1, (300, 300, 1, 1), 0, size) for n in range(500)}
    path = tmp_path / "a.index"
    path.write_bytes(table({"": number(1, 1)} | rows))
    path.with_suffix(".data-00000-of-00001").write_bytes(bytes(size))
    tracemalloc.start()
    assert "more bytes" in said_of(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2 * size


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\x00" * 60, "is no index"),
        (table({}), "is no index"),
        (table({"": number(1, 1) + number(2, 1)}), "high bytes first"),
        (table({"": number(1, 2**31)}), "data files"),
        (table({"": number(1, 1), "x": b""})[:-30] + b"\0" * 30, "is no index"),
        (b"\x00\x00" + b"\xff" * 38 + table({})[-8:], "cut short"),
    ],
)
def test_what_is_wrong_with_an_index_is_named(tmp_path: Path, data: bytes, said: str) -> None:
    path = tmp_path / "a.index"
    path.write_bytes(data)
    path.with_suffix(".data-00000-of-00001").write_bytes(b"\0" * 64)
    assert said in said_of(path)


def test_memory_stays_under_twice_the_files(tmp_path: Path) -> None:
    weights = {f"l{n}/weights": np.ones((3, 3, 100, 200), np.float32) for n in range(8)}
    path = write_checkpoint(tmp_path / "a.index", weights)
    tracemalloc.start()
    read_checkpoint_layers(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2 * path.with_suffix(".data-00000-of-00001").stat().st_size


@pytest.mark.parametrize("files", [300, pytest.param(10_000, marks=pytest.mark.slow)])
def test_any_damage_ends_in_a_result_or_in_one_error(
    tmp_path: Path, index: Path, files: int
) -> None:
    whole, random = index.read_bytes(), np.random.default_rng(files)
    path = tmp_path / "broken.index"
    shutil.copy(index.with_suffix(".data-00000-of-00001"), path.with_suffix(".data-00000-of-00001"))
    for _ in range(files):
        broken = bytearray(whole)
        for place in random.integers(0, len(broken), random.integers(1, 9)):
            broken[place] = random.integers(0, 256)
        path.write_bytes(broken[: random.integers(1, len(broken))] if random.random() < 0.2
                         else broken)  # fmt: skip
        read_damaged(read_layers, path)
