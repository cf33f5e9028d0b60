import io
import pickle
import time
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from drawn.damaged_files import peak_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file

from openpose_py.errors import ModelFileError
from openpose_py.weights.files import OLD_TORCH
from openpose_py.weights.state_dict import bare_keys, read_state_dict

TABLE = {
    "conv1_1.weight": torch.arange(54.0).reshape(2, 3, 3, 3),
    "conv1_1.bias": torch.tensor([0.5, -1.5]),
    "prelu4_2.weight": torch.full((4,), 0.25),
}


def blobs_of(path: Path) -> dict[str, list[np.ndarray]]:
    return {key: [array] for key, array in read_state_dict(path).items()}


def saved(table: Any, zipped: bool = True) -> bytes:
    buffer = io.BytesIO()
    torch.save(table, buffer, _use_new_zipfile_serialization=zipped)
    return buffer.getvalue()


def old_file(table_pickle: bytes) -> bytes:
    """A file of before torch 1.6 with this pickle as its table and no values behind it."""
    first = [OLD_TORCH, pickle.dumps(1001, 2), pickle.dumps({"little_endian": True}, 2)]
    return b"".join([*first, table_pickle, pickle.dumps([], 2)])


def refusal(path: Path, data: bytes) -> ModelFileError:
    path.write_bytes(data)
    with pytest.raises(ModelFileError) as caught:
        read_state_dict(path)
    assert "\n" not in caught.value.what
    return caught.value


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("prefix", ["", "model0.", "module.models."])
def test_new_and_old_files_are_read_and_prefixes_dropped(
    tmp_path: Path, zipped: bool, prefix: str
) -> None:
    path = tmp_path / "x.pth"
    path.write_bytes(saved({prefix + key: value for key, value in TABLE.items()}, zipped))
    found = bare_keys(read_state_dict(path), path)
    assert found.keys() == TABLE.keys()
    assert all(np.array_equal(found[key], TABLE[key].numpy()) for key in TABLE)


def test_two_layers_of_one_name_are_refused(tmp_path: Path) -> None:
    table = {"x.a.weight": np.ones(2), "y.a.weight": np.ones(2)}
    with pytest.raises(ModelFileError, match=r"'a\.weight' twice"):
        bare_keys(table, tmp_path / "x.pth")


@pytest.mark.parametrize("zipped", [True, False])
def test_of_a_checkpoint_the_weights_are_read(tmp_path: Path, zipped: bool) -> None:
    network = torch.nn.Sequential(torch.nn.Conv2d(3, 2, 1), torch.nn.BatchNorm2d(2))
    optimizer = torch.optim.Adam(network.parameters())
    network(torch.ones(2, 3, 4, 4)).sum().backward()
    optimizer.step()
    plan = torch.optim.lr_scheduler.MultiStepLR(optimizer, [10, 20])
    state = network.state_dict()
    checkpoint = {
        "state_dict": OrderedDict((f"module.{key}", value) for key, value in state.items()),
        "optimizer": optimizer.state_dict(), "scheduler": plan.state_dict(), "iter": 7,
    }  # fmt: skip
    path = tmp_path / "x.pth.tar"
    path.write_bytes(saved(checkpoint, zipped))
    found = read_state_dict(path)
    assert found.keys() == state.keys() - {"1.num_batches_tracked"}
    assert all(np.array_equal(found[key], state[key].numpy()) for key in found)


def test_a_file_that_was_saved_on_a_gpu_is_read(tmp_path: Path) -> None:
    data = saved(TABLE, zipped=False)
    there = b"ctorch\nFloatStorage\n"
    assert there in data
    path = tmp_path / "x.pth"
    path.write_bytes(data.replace(there, b"ctorch.cuda\nFloatStorage\n"))
    found = read_state_dict(path)
    assert all(np.array_equal(found[key], TABLE[key].numpy()) for key in TABLE)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_other_float_types_become_float32(tmp_path: Path, dtype: torch.dtype) -> None:
    path = tmp_path / "x.pth"
    path.write_bytes(saved(OrderedDict({"a.weight": TABLE["conv1_1.bias"].to(dtype)})))
    found = read_state_dict(path)["a.weight"]
    assert found.dtype == np.float32 and found.tolist() == [0.5, -1.5]


def test_safetensors_are_read_with_the_same_keys(tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    save_file({key: value.half() for key, value in TABLE.items()}, path)
    found = read_state_dict(path)
    assert found.keys() == TABLE.keys()
    assert np.array_equal(found["conv1_1.weight"], TABLE["conv1_1.weight"].numpy())


def test_damaged_safetensors_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    save_file(TABLE, path)
    data = path.read_bytes()
    for broken in (data[:-4], data[:40], (2**60).to_bytes(8, "little") + data[8:]):
        path.write_bytes(broken)
        with pytest.raises(ModelFileError):
            read_state_dict(path)


class Evil:
    def __reduce__(self) -> tuple[Any, ...]:
        return (exec, ("raise SystemExit('code of the file was run')",))


@pytest.mark.parametrize("protocol", [2, 4])
def test_code_in_a_pickle_is_never_run(tmp_path: Path, protocol: int) -> None:
    evil = pickle.dumps({"a.weight": Evil()}, protocol)
    assert "pickled" in refusal(tmp_path / "x.pth", old_file(evil)).what
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("x/data.pkl", evil)
        archive.writestr("x/version", "3\n")
    assert "pickled" in refusal(tmp_path / "x.pth", buffer.getvalue()).what


def test_a_whole_module_is_refused_with_what_to_do(tmp_path: Path) -> None:
    problem = refusal(tmp_path / "x.pth", saved(torch.nn.PReLU()))
    assert "state_dict" in problem.hint


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ([torch.ones(2)], "not a table"),
        ({"a.weight": {"b": torch.ones(2)}}, "not a tensor"),
        ({"a.weight": 3}, "not a tensor"),
        ({1: torch.ones(2)}, "no name"),
        ({"a.weight": torch.tensor([1.0, float("nan")])}, "not finite"),
        ({"a.weight": torch.tensor([1e300], dtype=torch.float64)}, "not finite"),
        ({"a.weight": torch.ones(1).expand(10**9)}, "more values than"),
        ({f"{n}.weight": torch.ones(100).expand(99, 100) for n in range(9)}, "more values than"),
    ],
)
@pytest.mark.parametrize("zipped", [True, False])
def test_what_is_not_a_flat_table_of_numbers_is_refused(
    tmp_path: Path, table: Any, said: str, zipped: bool
) -> None:
    assert said in refusal(tmp_path / "x.pth", saved(table, zipped)).what


def test_a_whole_number_tensor_is_refused(tmp_path: Path) -> None:
    refusal(tmp_path / "x.pth", saved({"a.weight": torch.ones(3, dtype=torch.int32)}))


def test_an_archive_that_grows_is_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x/data.pkl", pickle.dumps({}, 2))
        archive.writestr("x/data/0", bytes(10**7))
    assert "compressed" in refusal(tmp_path / "x.pth", buffer.getvalue()).what


@pytest.mark.parametrize("kind", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_download_that_is_still_packed_names_what_is_in_it(tmp_path: Path, kind: int) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", kind) as archive:
        archive.writestr("README", "words")
        archive.writestr("models/model-388003.index", bytes(99))
    problem = refusal(tmp_path / "model-388003.zip", buffer.getvalue())
    assert "is an archive of files" in problem.what
    assert "'models/model-388003.index'" in problem.hint


def test_a_stated_size_beyond_the_file_is_not_allocated(tmp_path: Path) -> None:
    one = saved({"a.weight": torch.ones(77_777)}, zipped=False)
    count = (77_777).to_bytes(4, "little")
    assert one.count(count) >= 2
    started = time.perf_counter()
    problem = refusal(tmp_path / "x.pth", one.replace(count, (2**31 - 1).to_bytes(4, "little")))
    assert "more values" in problem.what
    assert time.perf_counter() - started < 1


def test_every_cut_ends_in_one_error(tmp_path: Path) -> None:
    for zipped in (True, False):
        data = saved(TABLE, zipped)
        for size in range(20, len(data) - 1, 37):
            refusal(tmp_path / "x.pth", data[:size])


@given(st.data())
@settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_damage_ends_in_a_result_or_in_one_error(tmp_path: Path, data: st.DataObject) -> None:
    broken = bytearray(data.draw(st.sampled_from([NEW, OLD])))
    for _ in range(data.draw(st.integers(1, 8))):
        broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "x.pth"
    path.write_bytes(broken)
    assert peak_of(blobs_of, path) < 2**20


NEW, OLD = saved(TABLE), saved(TABLE, zipped=False)
