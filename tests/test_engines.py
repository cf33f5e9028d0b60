"""The engines behind the flags: what they find, what is kept, and what is refused."""

import json
import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from openpose_py import Estimator, compiled
from openpose_py.engines.agreement import agreement
from openpose_py.engines.choice import engines_folder
from openpose_py.engines.cores import _physical, has_bf16, processor, usable_cores
from openpose_py.errors import InputError, ModelFileError, StageError, UsageError
from openpose_py.records import People

KERNELS = compiled.numba.config.CACHE_DIR  # where they are before the cache folder is moved
SHARED = os.environ.get("OPENPOSE_PY_SHARED")
FP32 = ("torch", "openvino", "onnxruntime")
MEDIA = Path(__file__).parents[1] / "examples" / "media"

pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")
pytest.importorskip("openvino")


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return engines_folder()


@pytest.fixture
def two(two_people) -> np.ndarray:
    picture = cv2.imread(str(two_people / "two.png"))
    assert picture is not None
    return picture


def small(**flags: object) -> Estimator:
    """Our own packaged model at a size that is quick."""
    return Estimator(model_pose="BODY_25B_COMPACT", net_resolution="-1x192", **flags)


def export(models: Path, target: Path, *words: str) -> None:
    from openpose_py.cli.commands.export import main

    kinds = {".onnx": "onnx", ".xml": "openvino", ".torchscript": "torchscript"}
    baked = "baked" in words
    assert main("BODY_25", str(target), kinds[target.suffix], model_folder=str(models),
                bake_preprocess=baked) == 0  # fmt: skip


def test_auto_measures_once_a_size_and_then_remembers(own_cache):
    flags = {"model_pose": "BODY_25B_COMPACT", "engine": "auto"}
    first = Estimator(**flags, net_resolution="-1x128")
    assert any("(measured:" in notice for notice in first.notices)
    (kept,) = own_cache.iterdir()
    seconds = json.loads(kept.read_text())
    assert seconds.keys() == set(FP32) and min(seconds.values()) > 0
    kept.write_text(json.dumps({**seconds, "onnxruntime": 1e-9}))
    again = Estimator(**flags, net_resolution="-1x128")
    assert any("auto: onnxruntime (as measured before" in notice for notice in again.notices)
    kept.write_text("{ this is no memory")
    other = Estimator(**flags, net_resolution="-1x64")
    assert any("(measured:" in notice for notice in other.notices)
    assert len(list(own_cache.iterdir())) == 2
    anew = Estimator(**flags, net_resolution="-1x128")
    assert any("(measured:" in notice for notice in anew.notices)


@pytest.mark.parametrize(
    ("suffix", "preprocessing"),
    [(".onnx", "baked"), (".xml", "plain"), (".torchscript", "plain")],
)
def test_an_exported_file_finds_the_same_people(models, two, tmp_path, suffix, preprocessing):
    path = tmp_path / f"it{suffix}"
    export(models, path, preprocessing)
    wanted = Estimator(model_folder=str(models), net_resolution="-1x128")(two).people
    found = Estimator(caffemodel_path=str(path), net_resolution="-1x128")(two).people
    assert len(wanted) == 2
    np.testing.assert_allclose(found.keypoints, wanted.keypoints, atol=1e-3)


def test_an_onnx_file_runs_in_openvino_too_and_not_as_another_model(models, two, tmp_path):
    path = tmp_path / "it.onnx"
    export(models, path)
    flags = {"caffemodel_path": str(path), "net_resolution": "-1x128"}
    assert len(Estimator(**flags, engine="openvino")(two).people) == 2
    with pytest.raises(ModelFileError, match="holds BODY_25, not BODY_25B") as caught:
        Estimator(**flags, model_pose="BODY_25B")
    assert "--model_pose BODY_25" in caught.value.hint
    with pytest.raises(UsageError, match="onnxruntime has fp32 only"):
        Estimator(**flags, precision="bf16")
    with pytest.raises(UsageError, match="wants the weights"):
        Estimator(**flags, engine="openvino", precision="int8")


@pytest.mark.slow
def test_int8_that_finds_others_is_refused_and_nothing_is_kept(models, two_people, own_cache):
    pytest.importorskip("nncf")
    # the drawn network cannot stand 8 bits
    with pytest.raises(StageError, match="of the parts are found as in fp32"):
        Estimator(model_folder=str(models), net_resolution="-1x128", precision="int8",
                  engine="openvino", calibration=str(two_people))  # fmt: skip
    assert not own_cache.exists()


def test_pictures_for_int8_must_show_somebody(models, tmp_path):
    pytest.importorskip("nncf")
    flags = {"model_folder": str(models), "net_resolution": "-1x128", "engine": "openvino"}
    blank = tmp_path / "blank"
    blank.mkdir()
    for folder, said in ((tmp_path / "none", "no such folder"), (blank, "no picture in it")):
        with pytest.raises((InputError, UsageError), match=said):
            Estimator(**flags, precision="int8", calibration=str(folder))


def test_fp16_is_for_gpus(models):
    with pytest.raises(UsageError, match="is for GPUs"):
        Estimator(model_folder=str(models), device="cpu", precision="fp16")


def test_agreement_counts_parts_at_the_same_place():
    def people(*rows: list[tuple[float, float, float]]) -> People:
        return People(np.array(rows, np.float32).reshape(len(rows), -1, 3), np.ones(len(rows)))

    one = [(0, 0, 0.9), (100, 0, 0.8), (0, 50, 0.7)]
    moved = [(4, 0, 0.2), (100, 6, 0.8), (0, 0, 0)]  # near, too far, not there
    assert agreement([people(one)], [people(one)]) == 1
    assert agreement([people(one)], [people(moved)]) == 2 / 5
    assert agreement([people(one, one)], [people(one)]) == 6 / 9
    assert agreement([people(one), people(one)], [people(one), People.nobody(3)]) == 6 / 9
    assert agreement([People.nobody(3)], [People.nobody(3)]) == 1


def test_two_threads_of_one_core_are_one(tmp_path):
    for cpu, siblings in ((0, "0,2"), (1, "1,3"), (2, "0,2"), (3, "1,3")):
        folder = tmp_path / f"cpu{cpu}" / "topology"
        folder.mkdir(parents=True)
        (folder / "thread_siblings_list").write_text(f"{siblings}\n")
    assert _physical([0, 1, 2, 3], tmp_path) == 2
    assert _physical([0, 2], tmp_path) == 1
    assert _physical([7, 8, 9], tmp_path) == 3  # of unknown place
    assert 1 <= usable_cores() <= (os.cpu_count() or 1)
    assert processor() and has_bf16() in (True, False, None)


@pytest.mark.slow
def test_int8_calibrated_on_pictures_is_kept_and_used_without_them(own_cache):
    pytest.importorskip("nncf")
    flags = {"precision": "int8", "engine": "openvino"}
    first = small(**flags, calibration=str(MEDIA))
    assert any("of the parts as in fp32; kept as" in notice for notice in first.notices)
    assert sorted(path.suffix for path in own_cache.iterdir()) == [".bin", ".xml"]
    again = small(**flags)
    assert not any("int8" in notice for notice in again.notices)
    picture = cv2.imread(str(MEDIA / "crossing.jpg"))
    people = first(picture).people
    np.testing.assert_array_equal(again(picture).people.keypoints, people.keypoints)
    assert agreement([small()(picture).people], [people]) > 0.7


@pytest.mark.slow
@pytest.mark.skipif(not SHARED, reason="OPENPOSE_PY_SHARED names no folder")
@pytest.mark.parametrize("engine", FP32[1:])
def test_engines_of_equal_arithmetic_find_the_same_people_in_photographs(engine):
    folder = Path(SHARED or "") / "data" / "dev" / "images"
    pictures = [cv2.imread(str(path)) for path in sorted(folder.iterdir())[:60]]
    plain, other = small(), small(engine=engine)
    people = 0
    for picture in pictures:
        wanted, found = plain(picture).people, other(picture).people
        assert found.keypoints.shape == wanted.keypoints.shape
        assert ((found.keypoints[..., 2] > 0) == (wanted.keypoints[..., 2] > 0)).all()
        np.testing.assert_allclose(found.keypoints, wanted.keypoints, atol=0.05)
        people += len(found)
    assert people > 50
