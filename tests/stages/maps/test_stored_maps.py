"""Files of maps: what was written comes back; damaged and hostile ones are one clear error."""

import io
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openpose_py.errors import OpenPoseError
from openpose_py.records import Maps
from openpose_py.stages.maps.sizes import SizeWishes, geometry_of
from openpose_py.stages.maps.stored_maps import read_maps
from openpose_py.stages.writers.map_files import map_arrays

GEOMETRY = geometry_of((90, 60), SizeWishes((48, 32)))
RANDOM = np.random.default_rng(0).random((78, 4, 6), np.float32)
ARRAYS = map_arrays(Maps((RANDOM,), GEOMETRY), "BODY_25")


def file_of(path: Path, arrays: dict[str, np.ndarray]) -> Path:
    np.savez_compressed(path, **arrays)
    return path


def test_maps_and_geometry_come_back_as_they_were_written(tmp_path):
    stored = read_maps(file_of(tmp_path / "a.npz", ARRAYS), SizeWishes())
    np.testing.assert_array_equal(stored.maps.scales[0], RANDOM)
    assert stored.maps.geometry == GEOMETRY
    assert stored.card.name == "BODY_25" and stored.frame_size == (90, 60)


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"maps_0": RANDOM[:50]}, "wanted"),
        ({"maps_0": RANDOM.astype(np.float64)}, "float64"),
        ({"model": np.array("BODY_52")}, "there is no model"),
        ({"producer_size": np.array([0, 5])}, "not possible"),
        ({"net_input_sizes": np.array([[1 << 40, 16]])}, "not possible"),
        ({"net_input_sizes": np.array([48.5, 32])}, "whole numbers"),
        ({"model": np.array(["x" * 70000])}, "too large"),
    ],
)
def test_a_wrong_array_is_named(tmp_path, changed, complaint):
    path = file_of(tmp_path / "a.npz", {**ARRAYS, **changed})
    with pytest.raises(OpenPoseError) as problem:
        read_maps(path, SizeWishes())
    assert complaint in str(problem.value)


@pytest.mark.parametrize("missing", ["maps_0", "model", "producer_size", "net_input_sizes"])
def test_a_missing_array_is_named(tmp_path, missing):
    arrays = {key: array for key, array in ARRAYS.items() if key != missing}
    with pytest.raises(OpenPoseError, match=missing):
        read_maps(file_of(tmp_path / "a.npz", arrays), SizeWishes())


def test_a_header_that_promises_gigabytes_allocates_nothing(tmp_path):
    header = io.BytesIO()
    promise = {"descr": "<f4", "fortran_order": False, "shape": (78, 40000, 60000)}
    np.lib.format.write_array_header_1_0(header, promise)
    path = file_of(tmp_path / "a.npz", {k: v for k, v in ARRAYS.items() if k != "maps_0"})
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("maps_0.npy", header.getvalue() + bytes(1000))
    tracemalloc.start()
    with pytest.raises(OpenPoseError, match="wanted"):
        read_maps(path, SizeWishes())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4_000_000


@pytest.fixture(scope="module")
def good(tmp_path_factory) -> bytes:
    path = tmp_path_factory.mktemp("maps") / "good.npz"
    return file_of(path, {**ARRAYS, "maps_0": np.zeros_like(RANDOM)}).read_bytes()


@settings(max_examples=400, deadline=2000)
@given(
    changes=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=8),
    cut=st.floats(0, 1) | st.just(1.0),
)
def test_any_damage_is_read_or_refused_in_one_error(good, tmp_path_factory, changes, cut):
    data = bytearray(good)
    for place, value in changes:
        data[min(int(place * len(data)), len(data) - 1)] = value
    path = tmp_path_factory.getbasetemp() / "damaged.npz"
    path.write_bytes(data[: int(cut * len(data))])
    try:
        stored = read_maps(path, SizeWishes())
    except OpenPoseError as problem:
        assert problem.what and "\n" not in problem.what
    else:
        assert stored.maps.scales[0].shape == (78, 4, 6)
