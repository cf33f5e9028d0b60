import os
import pickle
import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from drawn.damaged_files import read_damaged
from drawn.tensorflow_files import write_numpy

from openpose_py.errors import ModelFileError
from openpose_py.weights.load import read_layers
from openpose_py.weights.numpy_file import read_numpy_layers

RANDOM = np.random.default_rng(4)
VARIABLES = {
    "conv1_1/weights": RANDOM.normal(size=(3, 3, 3, 4)).astype(np.float32),
    "conv1_1/biases": RANDOM.normal(size=4).astype(np.float32),
    "conv1_2/weights": RANDOM.normal(size=(1, 1, 4, 300)).astype(np.float32),
    "conv1_2/biases": np.ones(300, np.float32),
}


def written(folder: Path, change: tuple[bytes, bytes] = (b"", b"")) -> Path:
    """A good file with some of its bytes exchanged."""
    path = write_numpy(folder / "openpose_coco.npy", VARIABLES)
    data = path.read_bytes()
    assert change[0] in data
    path.write_bytes(data.replace(*change, 1) if change[0] else data)
    return path


def said_of(path: Path) -> str:
    with pytest.raises(ModelFileError) as caught:
        read_numpy_layers(path)
    assert "\n" not in caught.value.what
    return caught.value.what


@pytest.mark.parametrize("nested", [True, False])
def test_layers_are_those_that_numpy_reads(tmp_path: Path, nested: bool) -> None:
    path = write_numpy(tmp_path / "a.npy", VARIABLES, nested)
    table = np.load(path, allow_pickle=True, encoding="bytes").item()
    assert len(table) == (2 if nested else 4)
    layers = read_layers(path)
    assert list(layers) == ["conv1_1", "conv1_2"]
    for name, (weight, bias) in layers.items():
        if nested:
            stored = table[name.encode()]
            weights, biases = stored[b"weights"], stored[b"biases"]
        else:
            weights, biases = (
                table[f"{name}/weights:0".encode()],
                table[f"{name}/biases:0".encode()],
            )
        assert np.array_equal(weight, weights.transpose(3, 2, 0, 1))
        assert np.array_equal(bias, biases)


def test_other_pickles_are_refused_and_nothing_of_them_runs(tmp_path: Path) -> None:
    mark = tmp_path / "ran"

    class Bomb:
        def __reduce__(self) -> tuple:
            return os.mkdir, (str(mark),)

    header = b"{'descr': '|O', 'fortran_order': False, 'shape': (), }\n"
    start = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header
    path = tmp_path / "a.npy"
    for bomb in (Bomb(), {"conv1_1": {"weights": Bomb()}}):
        path.write_bytes(start + pickle.dumps(bomb, protocol=2))
        assert "mkdir" in said_of(path) or "cannot be read" in said_of(path)
    np.save(path, np.array({"conv1_1": {"weights": np.ones(3)}}, object), allow_pickle=True)
    assert "not pickled in protocol 2" in said_of(path)
    assert not mark.exists()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b"'|O'", b"'<8'", "one array of numbers"),
        (b"\x93NUMPY\x01", b"\x93NUMPY\x07", "is no file of numpy.save"),
        (b"J\x03\x00\x00\x00", b"J\xff\xff\xff\x7f", "432 bytes for 'conv1_1/weights'"),
        (b"J\x03\x00\x00\x00", b"J\xff\xff\xff\xff", "432 bytes for 'conv1_1/weights'"),
        (b"U\x02f4", b"U\x02O8", "no plain numbers"),
        (b"cnumpy\nndarray\n", b"cnumpy\nndarra\n", ""),
        (b"_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R(K\x01(", b"frombuffer_\ncnumpy\n"
         b"ndarray\nK\x00\x85U\x01b\x87R(K\x01(", "frombuffer_"),
        (b"T" + struct.pack("<i", 432), b"T" + struct.pack("<i", 2**31 - 1), "cannot be read"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(tmp_path: Path, old: bytes, new: bytes, said: str) -> None:
    path = written(tmp_path, (old, new))
    if said:
        assert said in said_of(path)
    else:
        assert len(read_numpy_layers(path)) == 2  # the array's class is not looked up


def test_arrays_cannot_share_the_same_bytes(tmp_path: Path) -> None:
    many = {f"l{n}/weights": np.ones((3, 3, 10, 10), np.float32) for n in range(50)}
    data = bytearray(write_numpy(tmp_path / "a.npy", many).read_bytes())
    text = b"T" + struct.pack("<i", 3600) + np.ones(900, "<f4").tobytes()
    first = data.index(text) + len(text)
    head, rest = bytes(data[:first]), bytes(data[first:])
    path = tmp_path / "b.npy"
    path.write_bytes(head + b"q\x00" + rest.replace(text, b"h\x00"))
    assert "more values than the file has" in said_of(path)


def test_memory_stays_about_twice_the_file(tmp_path: Path) -> None:
    weights = {f"l{n}/weights": np.ones((3, 3, 100, 100), np.float32) for n in range(20)}
    path = write_numpy(tmp_path / "a.npy", weights)
    tracemalloc.start()
    read_numpy_layers(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2 * path.stat().st_size


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of pickletools, for odd escapes
@pytest.mark.parametrize("files", [300, pytest.param(10_000, marks=pytest.mark.slow)])
def test_any_damage_ends_in_a_result_or_in_one_error(tmp_path: Path, files: int) -> None:
    path = written(tmp_path)
    whole, random = path.read_bytes(), np.random.default_rng(files)
    for _ in range(files):
        broken = bytearray(whole)
        for place in random.integers(0, 900, random.integers(1, 9)):
            broken[place] = random.integers(0, 256)
        path.write_bytes(broken[: random.integers(1, len(broken))] if random.random() < 0.2
                         else broken)  # fmt: skip
        read_damaged(read_numpy_layers, path)
