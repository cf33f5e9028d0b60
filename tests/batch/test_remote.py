"""Inputs and results in object stores and on web servers, with servers of this machine."""

import functools
import http.server
import json
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from drawn.clips import files_below, write_clip
from drawn.command import Ran, openpose_py
from drawn.media import numbered_frames, write_pictures

from openpose_py.batch import remote
from openpose_py.batch.addresses import file_name, place_of
from openpose_py.batch.done_record import stamp
from openpose_py.batch.job import Done
from openpose_py.batch.kit import Kit
from openpose_py.batch.plan import plan
from openpose_py.batch.resume import looked_up
from openpose_py.batch.run_one import run_one
from openpose_py.batch.whole_upload import MARK
from openpose_py.errors import InputError, OutputError, StageError, UsageError
from openpose_py.settings import Settings

pytest.importorskip("fsspec")
BASE = Settings(num_gpu=0, write_json="json", write_images="drawn/{parent}_{stem}", display=0)
FLAGS = ("--num_gpu", 0, "--write_json", "json", "--write_images", "drawn/{parent}_{stem}")


@pytest.fixture
def clips(tmp_path) -> Path:
    folder = tmp_path / "clips"
    (folder / "more").mkdir(parents=True)
    write_clip(folder / "walk.mp4")
    write_clip(folder / "more" / "run.mp4", 3)
    write_pictures(folder / "stills", {f"{n}.png": p for n, p in enumerate(numbered_frames(3))})
    (folder / "list.txt").write_text("walk.mp4\nmore/run.mp4\n")
    (folder / "table.csv").write_text("path,id,frame_last\nwalk.mp4,S1,1\n")
    return folder


@pytest.fixture
def web(clips) -> Iterator[str]:
    pytest.importorskip("aiohttp")

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None: ...

    handler = functools.partial(Handler, directory=str(clips.parent))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture
def store(clips) -> Iterator[str]:
    """A store in the memory of this process, with the clips."""
    import fsspec

    memory = fsspec.filesystem("memory")
    memory.put(f"{clips}/", "/bucket/clips/", recursive=True)
    yield "memory://bucket"
    memory.store.clear()
    memory.pseudo_dirs[:] = [""]


def names(*words: str) -> dict[str, str]:
    return {job.id: job.path for job in plan(words, "out", BASE).jobs}


def test_addresses_have_the_names_of_paths():
    assert place_of("s3://bucket/day1/pics/") == "/s3/bucket/day1/pics"
    assert file_name("https://host/a/walk.mp4?token=a/b.avi") == "walk.mp4"


@pytest.mark.parametrize("where", ["web", "store"])
def test_folders_patterns_lists_and_manifests_are_found(where, request):
    folder = request.getfixturevalue(where) + "/clips"
    walk, run = f"{folder}/walk.mp4", f"{folder}/more/run.mp4"
    everything = {"walk": walk, "run": run, "stills": f"{folder}/stills/"}
    assert names(f"{folder}/") == everything
    assert names(f"{folder}/list.txt") == {"walk": walk, "run": run}
    assert names(f"{folder}/table.csv") == {"S1": walk}
    assert names(f"{folder}/*.mp4") == {"walk": walk}
    assert names(walk) == {"walk": walk}


@pytest.mark.parametrize("where", ["web", "store"])
def test_results_of_what_is_fetched_are_those_of_the_file(where, request, clips, tmp_path):
    folder = request.getfixturevalue(where) + "/clips/"
    kit = Kit(BASE, span=3000)
    for source, out in ((folder, "far"), (str(clips), "near")):
        for job in plan([source], str(tmp_path / out), BASE).jobs:
            assert isinstance(run_one(job, kit), Done)
    assert files_below(tmp_path / "far") == files_below(tmp_path / "near")
    record = json.loads((tmp_path / "far/walk/.done.json").read_text())
    assert record["input"] == f"{folder}walk.mp4"
    found = looked_up(plan([folder], str(tmp_path / "far"), BASE).jobs, kit, clean=True)
    assert all(isinstance(one, Done) for _, one in found)


def test_what_changes_in_the_store_is_another_input(store):
    before = stamp(f"{store}/clips/walk.mp4"), stamp(f"{store}/clips/stills/")
    remote.write(f"{store}/clips/walk.mp4", b"x" * before[0][0])
    remote.write(f"{store}/clips/stills/9.png", b"")
    after = stamp(f"{store}/clips/walk.mp4"), stamp(f"{store}/clips/stills/")
    assert before[0][0] == after[0][0] and before[0] != after[0] and before[1] != after[1]


def files_of(folder: str) -> dict[str, bytes]:
    import fsspec

    memory = fsspec.filesystem("memory")
    root = "/" + folder.removeprefix("memory://")
    return {name.removeprefix(f"{root}/"): memory.cat(name) for name in memory.find(root)}


def test_results_are_uploaded_whole_and_found_again(store, clips, tmp_path):
    kit, out, far_clips = Kit(BASE, span=3000), f"{store}/out", f"{store}/clips/"
    for source, target in ((far_clips, out), (str(clips), str(tmp_path / "near"))):
        for job in plan([source], target, BASE).jobs:
            run_one(job, kit)
    far = {name: data for name, data in files_of(out).items() if "/." not in name}
    assert far == files_below(tmp_path / "near")
    assert {name for name in files_of(out) if name.endswith(MARK)} == set()
    jobs = plan([far_clips], out, BASE).jobs
    assert all(isinstance(found, Done) for _, found in looked_up(jobs, kit, clean=True))
    assert run_one(jobs[0], kit).before


def test_an_upload_that_broke_off_is_not_done_and_is_replaced(store, clips, monkeypatch):
    kit = Kit(BASE)
    (job,) = plan([str(clips / "walk.mp4")], f"{store}/out", BASE).jobs
    upload, sent = remote.upload, []

    def breaks(path: Path, address: str) -> None:
        sent.append(address)
        if len(sent) > 2:
            raise OutputError("the line is dead")
        upload(path, address)

    monkeypatch.setattr(remote, "upload", breaks)
    with pytest.raises(OutputError, match="dead"):
        run_one(job, kit)
    assert len(files_of(job.target)) == 3 and MARK in files_of(job.target)
    assert [found for _, found in looked_up([job], kit, clean=True)] == ["new"]
    monkeypatch.setattr(remote, "upload", upload)
    run_one(job, kit)
    assert len(files_of(job.target)) == 9 and MARK not in files_of(job.target)
    run_one(job, Kit(Settings(num_gpu=0, write_json="other", display=0)))
    assert {name.split("/")[0] for name in files_of(job.target)} == {".done.json", "other"}


def test_a_folder_of_the_store_that_is_not_ours_is_never_replaced(store, clips):
    remote.write(f"{store}/out/walk/thesis.txt", b"years of work")
    (job,) = plan([str(clips / "walk.mp4")], f"{store}/out", BASE).jobs
    with pytest.raises(OutputError, match="not from a batch"):
        run_one(job, Kit(BASE))
    assert files_of(f"{store}/out") == {"walk/thesis.txt": b"years of work"}


def test_what_cannot_be_is_said_in_a_line(web, monkeypatch):
    with pytest.raises(UsageError, match="takes no results"):
        plan([f"{web}/clips/"], f"{web}/out", BASE)
    with pytest.raises(InputError, match="no such file"):
        run_one(plan([f"{web}/clips/gone.mp4"], "out", BASE).jobs[0], Kit(BASE))
    with pytest.raises(InputError, match="nothing:// is not known"):
        plan(["nothing://x/y/"], "out", BASE)
    remote._driver.cache_clear()
    monkeypatch.setitem(sys.modules, "gcsfs", None)
    with pytest.raises(StageError) as missing:
        plan(["gs://bucket/clips/"], "out", BASE)
    assert missing.value.hint == "type: pip install gcsfs"
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(StageError) as missing:
        plan(["gs://bucket/clips/"], "out", BASE)
    assert missing.value.hint == "type: pip install 'openpose-py[batch]'"


@pytest.fixture
def bucket(clips, monkeypatch) -> Iterator[str]:
    """A server that speaks S3, with the clips."""
    server_of = pytest.importorskip("moto.server")
    pytest.importorskip("s3fs")
    server = server_of.ThreadedMotoServer("127.0.0.1", 0)
    server.start()
    port = server.get_host_and_port()[1]
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    driver = remote._driver("s3")
    driver.mkdir("bucket")
    driver.put(f"{clips}/", "s3://bucket/clips/", recursive=True)
    yield "s3://bucket"
    server.stop()
    remote._driver.cache_clear()


def batch(*words: object) -> Ran:
    return openpose_py("batch", *words, *FLAGS, "--quiet")


@pytest.mark.slow
def test_a_batch_from_s3_to_s3_resumes_and_reports_there(bucket, clips, tmp_path):
    out, log = f"{bucket}/out", tmp_path / "log"
    for count, more in ((3, ()), (0, ()), (1, ("--retries", 1))):
        if more:
            remote.remove(f"{out}/walk/.done.json")
            remote.write(f"{out}/walk/{MARK}", b"")
        log.unlink(missing_ok=True)
        ran = batch(f"{bucket}/clips/", "--output", out, "--json_log", log, "--workers", 2, *more)
        assert ran.code == 0, ran.err
        events = [json.loads(line) for line in log.read_text().splitlines()]
        assert sum(event["event"] == "done" for event in events) == count
    assert batch(clips, "--output", tmp_path / "near").code == 0
    driver = remote._driver("s3")
    driver.get("bucket/out/", str(tmp_path / "far") + "/", recursive=True)
    far, near = files_below(tmp_path / "far"), files_below(tmp_path / "near")
    assert {"summary.csv", "failed.csv", ".batch/state.json"} <= far.keys()
    assert results(far) == results(near)
    told = openpose_py("batch", "status", out)
    assert told.code == 0 and "ended with 0" in told.out, told.err


def results(files: dict[str, bytes]) -> dict[str, bytes]:
    """Those of the inputs alone."""
    return {k: v for k, v in files.items() if os.sep in k and not k.startswith(".batch")}
