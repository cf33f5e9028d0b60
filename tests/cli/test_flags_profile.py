"""Effect of --profile: the trace of a real run, opened and read."""

import json

import numpy as np
import pytest
from drawn.command import openpose_py
from drawn.media import numbered_frames, write_video

STAGES = {"read", "prepare", "network", "people", "pictures", "write"}


@pytest.fixture
def profiled(models, tmp_path):
    """Runs BODY_25 over a short video; returns what ran and the trace's pieces of work."""
    video = write_video(tmp_path / "walk.mp4", numbered_frames(10, (192, 128)))

    def run(*words: object):
        file = tmp_path / "trace.json"
        done = openpose_py(
            "--video", video, "--model_folder", models, "--net_resolution", "-1x96",
            "--write_video", tmp_path / "drawn.mp4", "--write_json", tmp_path,
            "--profile", file, *words,
        )  # fmt: skip
        assert done.code == 0, done.err
        events = json.loads(file.read_text())["traceEvents"]
        return done, [one for one in events if one["ph"] == "X"], events

    return run


@pytest.mark.effect("profile")
def test_profile_shows_that_stages_overlap_each_in_a_thread_of_its_own(profiled):
    done, work, events = profiled()
    assert {one["name"] for one in work} == STAGES
    assert all(sum(one["name"] == stage for one in work) >= 10 for stage in STAGES)
    tracks = {stage: {one["tid"] for one in work if one["name"] == stage} for stage in STAGES}
    assert all(len(track) == 1 for track in tracks.values())
    assert len(set.union(*tracks.values())) == len(STAGES)
    named = {one["tid"]: one["args"]["name"] for one in events if one["ph"] == "M"}
    assert {named[one["tid"]] for one in work} == (STAGES - {"write"}) | {"MainThread"}
    assert overlap(work) > 0
    assert "of the run" in done.err and "network  " in done.err


@pytest.mark.slow
def test_without_threads_nothing_overlaps(profiled):
    _, work, _ = profiled("--disable_multi_thread", "--quiet")
    assert len({one["tid"] for one in work}) == 1
    assert overlap(work) < 1


def test_a_trace_that_could_not_be_written_is_refused_before_the_run(numbered, tmp_path):
    words = ("--image_dir", numbered, "--num_gpu", 0, "--write_json", tmp_path / "out")
    done = openpose_py(*words, "--profile", tmp_path / "trace.txt")
    assert done.code == 2 and done.said("must end in .json")
    (tmp_path / "file").touch()
    assert openpose_py(*words, "--profile", tmp_path / "file" / "trace.json").code == 3
    assert not list((tmp_path / "out").glob("*.json"))


def overlap(work: list[dict]) -> float:
    """Microseconds in which the network and another stage work at the same time."""
    network = [one for one in work if one["name"] == "network"]
    others = [one for one in work if one["name"] != "network"]
    shared = [
        min(a["ts"] + a["dur"], b["ts"] + b["dur"]) - max(a["ts"], b["ts"])
        for a in network
        for b in others
    ]
    return float(np.maximum(shared, 0).sum())
