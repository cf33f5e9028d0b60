"""A Ray cluster: how it is shared, and a real one whose machines are lost."""

import dataclasses
import json
import logging
import os
import sys
import threading
import time
from pathlib import Path

import pytest
from drawn.clips import files_below, write_clip, write_corpus
from drawn.command import openpose_py

from openpose_py.batch.cluster import connected, share_of
from openpose_py.batch.far_starts import model_files
from openpose_py.batch.far_worker import FarStart, FarWorker, with_models
from openpose_py.batch.job import Job
from openpose_py.batch.kit import Kit
from openpose_py.batch.weights import weights_needed
from openpose_py.errors import StageError
from openpose_py.settings import Settings

FLAGS = ("--net_resolution", "64x64", "--write_json", "json", "--write_images", "drawn")
CPU = Settings(num_gpu=0, write_json="json", display=0)


@pytest.mark.parametrize(
    ("machines", "flags", "workers", "share"),
    [
        ([{"CPU": 2}, {"CPU": 2}], {}, 0, (4, 1, 0)),
        ([{"CPU": 32}, {"CPU": 16}], {}, 0, (24, 2, 0)),
        ([{"CPU": 4}, {"CPU": 2}], {}, 2, (2, 2, 0)),
        ([{"CPU": 3}, {"CPU": 3}], {}, 4, (4, 1, 0)),
        ([{"CPU": 8, "GPU": 2}, {"CPU": 4}], {}, 0, (2, 4, 1)),
        ([{"CPU": 8, "GPU": 2}], {}, 4, (4, 2, 0.5)),
        ([{"CPU": 8, "GPU": 2}], {"num_gpu": 0}, 0, (8, 1, 0)),
    ],
)
def test_processors_and_cards_are_shared_among_workers(machines, flags, workers, share):
    found = share_of(machines, Settings(**flags), workers)
    assert dataclasses.astuple(found) == share


def start_of(base: Settings, token: str = "", models: tuple = (), version: str = "") -> FarStart:
    return FarStart(base, 0, 1, ".", token, models, "digest", version or Kit(base).version)


def test_models_that_a_machine_lacks_are_put_down_there_once(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    base = Settings(model_folder=str(tmp_path / "models"))
    contents: list[bytes] = []
    models = model_files(base, {()}, lambda data: contents.append(data) or len(contents) - 1)
    assert with_models(start_of(base, models=models), contents.__getitem__) is base
    elsewhere = tuple(dataclasses.replace(model, path="/not/there") for model in models)
    there = with_models(start_of(base, models=elsewhere), contents.__getitem__)
    assert [path.read_bytes() for path in weights_needed(there)] == contents
    assert with_models(start_of(base, models=elsewhere), contents.clear) == there


def test_a_machine_that_cannot_help_says_why(tmp_path):
    lost = FarWorker(start_of(CPU, token=str(tmp_path / "token")), 0, bytes)
    with pytest.raises(StageError, match="results is not seen there"):
        lost.load()
    other = FarWorker(start_of(CPU, version="0.0"), 0, bytes)
    with pytest.raises(StageError, match=r"here 0\.0"):
        other.load()


@pytest.fixture
def same_logging():
    """A worker takes over the messages of its process."""
    logger = logging.getLogger("openpose_py")
    before = logger.handlers, logger.propagate
    yield
    logger.handlers, logger.propagate = before


def test_a_worker_answers_with_what_becomes_of_its_jobs(tmp_path, monkeypatch, same_logging):
    monkeypatch.chdir(tmp_path)
    write_clip(tmp_path / "walk.mp4")
    worker = FarWorker(start_of(CPU), 0, bytes)
    assert worker.load() == os.getpid()
    told = worker.do(Job("walk.mp4", "walk", "out/walk"))
    assert told.outcome.frames == worker.frames() == 4
    assert "no such file" in worker.do(Job("gone.mp4", "gone", "out/gone")).outcome.reason


def results(out: Path) -> dict[str, bytes]:
    tables = ("summary", "failed", ".batch")
    return {k: v for k, v in files_below(out).items() if not k.startswith(tables)}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory) -> tuple[Path, Path, dict[str, str]]:
    """Inputs, their results by the workers of this machine, names of the bad ones."""
    folder = tmp_path_factory.mktemp("cluster")
    bad = write_corpus(folder / "clips", 24)
    words = ("--workers", 2, "--span", 24, "--quiet")
    assert openpose_py("batch", folder / "clips", "--output", folder / "out", *FLAGS, *words).code
    return folder / "clips", folder / "out", bad


@pytest.mark.slow
def test_a_cluster_of_this_machine_makes_the_same_bytes(corpus, tmp_path):
    pytest.importorskip("ray")
    words = ("--ray", "local", "--workers", 2, "--span", 24, "--quiet")
    ran = openpose_py("batch", corpus[0], "--output", tmp_path, *FLAGS, *words)
    assert ran.code == 1 and len(ran.lines) == len(corpus[2]), ran.err
    assert results(tmp_path) == results(corpus[1])
    assert not list((tmp_path / ".batch").glob("cluster-*"))


@pytest.mark.slow
def test_a_machine_is_lost_in_the_middle_and_the_bytes_are_the_same(corpus, tmp_path, monkeypatch):
    utils = pytest.importorskip("ray.cluster_utils")
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    cluster = utils.Cluster(True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    try:
        second, _ = (cluster.add_node(num_cpus=1) for _ in range(2))
        log = tmp_path / "log"
        words = ("--ray", cluster.address, "--span", 24, "--json_log", log, "--quiet")
        killer = threading.Timer(0, kill_when, [log, 6, lambda: cluster.remove_node(second, False)])
        killer.start()
        ran = openpose_py("batch", corpus[0], "--output", tmp_path / "out", *FLAGS, *words)
        killer.join()
    finally:
        cluster.shutdown()
    assert ran.code == 1 and len(ran.lines) == len(corpus[2]), ran.err
    assert results(tmp_path / "out") == results(corpus[1])
    events = [json.loads(line) for line in log.read_text().splitlines()]
    assert {event["worker"] for event in events if event["event"] == "begin"} == {0, 1, 2}
    assert len([event for event in events if event["event"] == "lost"]) == 1
    done = [(e["id"], e.get("first")) for e in events if e["event"] == "done"]
    assert len(done) == len(set(done))


def kill_when(log: Path, count: int, kill) -> None:
    """As soon as every worker has begun and `count` jobs are done, while all are at work."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        events = [json.loads(one) for one in log.read_text().splitlines()] if log.exists() else []
        workers = {event["worker"] for event in events if event["event"] == "begin"}
        if len(workers) == 3 and sum(event["event"] == "done" for event in events) >= count:
            kill()
            return
        time.sleep(0.05)


def test_without_ray_one_line_says_what_to_type(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(StageError, match="Ray is not installed") as missing, connected("auto"):
        pass
    assert missing.value.hint == "type: pip install 'openpose-py[batch]'"
