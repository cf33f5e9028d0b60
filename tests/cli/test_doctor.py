"""`openpose-py doctor` through the real command, on this machine and on ones with broken parts."""

import json
import resource

import pytest
from drawn.command import Ran, openpose_py

from openpose_py.doctor.finding import LESS, OK, WRONG
from openpose_py.doctor.machine import cgroup_cores

AREAS = ["machine", "pictures and videos", "network", "files"]
SECONDS = 4.0  # of processor time; 2.7 measured on a busy machine


def found(done: Ran) -> dict[str, dict]:
    return {row["name"]: row for row in json.loads(done.out)["findings"]}


@pytest.fixture(scope="module")
def here(models) -> dict[str, dict]:
    return found(openpose_py("doctor", "--json", "--model_folder", models))


@pytest.fixture
def broken(tmp_path):
    """The environment in which a package fails to be imported."""

    def of(package: str) -> dict[str, str]:
        (tmp_path / f"{package}.py").write_text("raise ImportError('libgone.so: cannot open')\n")
        return {"PYTHONPATH": str(tmp_path)}

    return of


def test_every_area_is_looked_at_in_time_and_the_exit_code_is_0(models):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = openpose_py("doctor", "--model_folder", models)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.code == 0 and done.err == ""
    assert [line for line in done.out.splitlines() if not line.startswith(" ")] == AREAS
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < SECONDS


def test_what_is_used_stands_with_version_and_place(here, models):
    assert here["model BODY_25"]["state"] == OK and str(models) in here["model BODY_25"]["value"]
    assert "reads H.264" in here["codecs"]["value"]
    assert "OMP_NUM_THREADS" in here["threads"]["value"]
    for name in ("Python", "OpenCV", "PyAV", "numba", "PyTorch"):
        assert any(letter.isdigit() for letter in here[name]["value"]), name
    assert all(row["hint"] for row in here.values() if row["state"] != OK)


def test_a_model_and_a_cache_that_are_not_there_say_what_to_type(tmp_path):
    nowhere = {"XDG_CACHE_HOME": "/proc/nowhere"}
    done = openpose_py("doctor", "--json", "--model_folder", tmp_path, environment=nowhere)
    model, cache = found(done)["model BODY_25"], found(done)["cache folder"]
    assert done.code == 0
    assert model["state"] == LESS and "stands in" in model["value"]
    assert model["hint"] == "type: openpose-py models pull BODY_25"
    assert cache["state"] == LESS and "XDG_CACHE_HOME" in cache["hint"]


def test_a_missing_part_costs_a_line_and_says_what_to_type(broken):
    done = openpose_py("doctor", "--json", environment=broken("onnxruntime"))
    row = found(done)["onnxruntime"]
    assert done.code == 0 and json.loads(done.out)["can_run"]
    assert row["state"] == LESS and "libgone.so" in row["value"]
    assert row["hint"] == 'type: pip install "openpose-py[onnx]"'


@pytest.mark.parametrize("package, name", [("torch", "PyTorch"), ("av", "PyAV")])
def test_without_what_every_run_needs_the_exit_code_is_1(package, name, broken):
    done = openpose_py("doctor", "--json", environment=broken(package))
    row = found(done)[name]
    assert done.code == 1 and not json.loads(done.out)["can_run"]
    assert row["state"] == WRONG and "pip install" in row["hint"]


def test_a_container_may_allow_less_than_the_machine_has(tmp_path):
    (tmp_path / "cpu.max").write_text("150000 100000\n")
    assert cgroup_cores(tmp_path) == 1.5
    (tmp_path / "cpu.max").write_text("max 100000\n")
    assert cgroup_cores(tmp_path) is None
