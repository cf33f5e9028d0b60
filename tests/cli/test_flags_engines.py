"""Effects of the flags about engines and arithmetic."""

import json

import cv2
import numpy as np
import pytest
import torch
from drawn.command import openpose_py

from openpose_py import compiled
from openpose_py.api import read_json

KERNELS = compiled.numba.config.CACHE_DIR  # those that are compiled already


@pytest.fixture
def run(models, two_people, tmp_path):
    """Runs BODY_25 on the picture of two people; returns what ran and the people found."""

    own_cache = {"XDG_CACHE_HOME": str(tmp_path / "cache"), "NUMBA_CACHE_DIR": KERNELS}

    def run_(*words: object):
        out = tmp_path / f"out{len(list(tmp_path.iterdir()))}"
        given = ("--image_dir", two_people, "--model_folder", models, "--net_resolution", "-1x128")
        done = openpose_py(*given, "--write_json", out, *words,
                           environment=own_cache)  # fmt: skip
        found = next(iter(read_json(out)))[1] if done.code == 0 else np.zeros((0, 25, 3))
        return done, found

    return run_


@pytest.mark.effect("engine")
def test_engines_find_the_same_people(run):
    for package in ("openvino", "onnx", "onnxruntime"):
        pytest.importorskip(package)
    _, wanted = run()
    assert wanted.shape == (2, 25, 3)
    for engine in ("openvino", "onnxruntime", "auto"):
        done, found = run("--engine", engine)
        assert done.code == 0, done.err
        np.testing.assert_allclose(found, wanted, atol=2e-3)
        assert done.said("--engine auto:") == (engine == "auto")


@pytest.mark.effect("precision")
def test_less_precise_arithmetic_finds_nearly_the_same(run):
    _, wanted = run()
    done, found = run("--precision", "bf16")
    assert done.code == 0 and found.shape == wanted.shape, done.err
    seen = wanted[..., 2] > 0.1
    assert np.abs(found - wanted)[seen][:, :2].max() < 2
    assert (found != wanted).any()


@pytest.mark.effect("gpu_batch")
def test_frames_together_give_the_same_people(models, clip, tmp_path):
    words = ("--video", clip, "--model_folder", models, "--net_resolution", "64x32", "--quiet")
    profile = tmp_path / "profile.json"
    assert openpose_py(*words, "--write_json", tmp_path / "alone").code == 0
    done = openpose_py(*words, "--write_json", tmp_path / "together", "--gpu_batch", 5,
                       "--profile", profile)  # fmt: skip
    assert done.code == 0, done.err
    work = json.loads(profile.read_text())["traceEvents"]
    assert sum(one["name"] == "network" for one in work if one["ph"] == "X") == 3  # 5, 5, 2
    alone, joined = (dict(read_json(tmp_path / name)) for name in ("alone", "together"))
    assert alone.keys() == joined.keys() and len(alone) == 12
    for name, people in alone.items():
        np.testing.assert_allclose(joined[name], people, atol=2e-3)
    assert openpose_py(*words, "--write_json", tmp_path, "--gpu_batch", 0).code == 2


def test_more_gpus_than_there_are_is_one_line(run):
    for words, said in (
        (("--num_gpu", 99), "there is no GPU 0" if not torch.cuda.is_available() else "99 from"),
        (("--num_gpu", 2, "--device", "cpu"), "--device cpu is one device"),
    ):
        done, _ = run(*words)
        assert done.code == 2 and done.said(said), done.err
        assert len(done.lines) <= 2


def test_arithmetic_that_an_engine_has_not_is_refused_with_what_to_type(run):
    for words, said in (
        (("--precision", "int8"), "--engine openvino"),
        (("--engine", "onnxruntime", "--precision", "bf16"), "--engine torch, openvino"),
        (("--engine", "openvino", "--device", "cuda"), "leave out --device"),
        (("--engine", "tensorrt"), "must be one of auto, torch"),
        (("--calibration", "."), "is for --precision int8"),
    ):
        done, _ = run(*words)
        assert done.code == 2 and done.said(said), done.err
        assert len(done.lines) <= 2


@pytest.mark.effect("calibration")
def test_int8_wants_pictures_and_looks_for_people_on_them(run, tmp_path):
    for package in ("openvino", "nncf", "onnx"):
        pytest.importorskip(package)
    int8 = ("--engine", "openvino", "--precision", "int8")
    done, _ = run(*int8)
    assert done.code == 2 and done.said("--calibration DIR"), done.err
    (tmp_path / "black").mkdir()
    cv2.imwrite(str(tmp_path / "black" / "black.png"), np.zeros((128, 128, 3), np.uint8))
    done, _ = run(*int8, "--calibration", tmp_path / "black")
    assert done.code == 3 and done.said("shows nobody that the model finds"), done.err
