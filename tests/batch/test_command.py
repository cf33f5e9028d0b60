"""`openpose-py batch` in a process of its own, on a corpus of good and bad inputs."""

import csv
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from drawn.clips import files_below, write_clip, write_corpus
from drawn.command import Ran, openpose_py

from openpose_py.cli.app import main

FLAGS = ("--net_resolution", "64x64", "--write_json", "json", "--write_images", "drawn")
SPAN = 24


def batch(folder: Path, out: Path, *words: object) -> Ran:
    return openpose_py("batch", folder, "--output", out, *FLAGS, *words)


def rows(path: Path) -> dict[str, dict[str, str]]:
    with path.open(newline="") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory) -> tuple[Path, dict[str, str]]:
    folder = tmp_path_factory.mktemp("corpus") / "clips"
    return folder, write_corpus(folder, 20)


@pytest.fixture(scope="module")
def done(corpus, tmp_path_factory) -> tuple[Path, Ran]:
    """The corpus, done by two workers."""
    out = tmp_path_factory.mktemp("done")
    return out, batch(corpus[0], out, "--workers", 2, "--span", SPAN, "--quiet")


@pytest.fixture
def typed(monkeypatch, capsys):
    """The command in this process, which starts no worker: exit code and output."""

    def typed_(*words: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["openpose-py", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return Ran(int(ended.value.code or 0), said.out, said.err)

    return typed_


@pytest.fixture
def check_against_single_runs(typed, tmp_path):
    """The results of those ids are those of plain runs."""

    def check(out: Path, ids: Sequence[str]) -> None:
        for id in ids:
            path, plain = json.loads((out / id / ".done.json").read_text())["input"], tmp_path / id
            flags = [str(plain / word) if word in ("json", "drawn") else word for word in FLAGS]
            source = "--image_dir" if Path(path).is_dir() else "--video"
            typed(source, path, "--display", 0, "--quiet", *flags)
            assert files_below(out / id) == files_below(plain), id

    return check


def test_every_good_input_has_the_bytes_of_a_single_run(done, check_against_single_runs):
    good = [path.parent.name for path in done[0].glob("*/.done.json")]
    assert len(good) == 17
    some = ("long", "clips_same", "more_same", "pictures", "clip003", "lying")
    check_against_single_runs(done[0], some)


def test_every_bad_input_is_in_the_table_with_its_reason(corpus, done):
    out, ran = done
    assert ran.code == 1
    failures = rows(out / "failed.csv")
    assert set(failures) == set(corpus[1])
    for id, reason in corpus[1].items():
        assert reason in failures[id]["reason"]
        assert ran.said(f"{failures[id]['input']}: {failures[id]['reason']}")
    assert failures["lying"]["status"] == "damaged" and (out / "lying").is_dir()
    assert not (out / "zero").exists()


def test_the_summary_has_a_row_an_input(done):
    table = rows(done[0] / "summary.csv")
    assert len(table) == 20
    assert table["long"]["status"] == "done" and table["long"]["frames"] == "80"
    assert table["clip001"]["frames"] == "4" and float(table["clip001"]["seconds"]) > 0
    assert table["noise"]["status"] == "failed" and table["noise"]["frames"] == "0"


def test_the_summary_is_there_as_parquet_too(done):
    parquet = pytest.importorskip("pyarrow.parquet")
    table = parquet.read_table(done[0] / "summary.parquet").to_pylist()
    assert {row["id"]: str(row["frames"]) for row in table} == {
        id: row["frames"] for id, row in rows(done[0] / "summary.csv").items()
    }


def test_nothing_but_results_is_left(done):
    assert [name for name in os.listdir(done[0]) if name.startswith(".")] == [".batch"]


def test_status_tells_how_far_it_is(done, typed):
    told = typed("batch", "status", done[0])
    assert told.code == 1 and "20" in told.out and "17" not in told.out and "16" in told.out
    nothing = typed("batch", "status", done[0].parent)
    assert nothing.code == 3 and "no batch" in nothing.err


def test_what_is_done_is_not_done_again_what_changed_is(tmp_path):
    clips, out, log = tmp_path / "clips", tmp_path / "out", tmp_path / "log"
    clips.mkdir()
    for name in ("same", "changed", "lost"):
        write_clip(clips / f"{name}.mp4")
    assert batch(clips, out, "--workers", 1).code == 0
    before = {path.name: path.stat().st_mtime_ns for path in out.iterdir()}
    write_clip(clips / "changed.mp4", 6)
    shutil.rmtree(out / "lost")
    write_clip(clips / "new.mp4")
    ran = batch(clips, out, "--workers", 1, "--json_log", log)
    assert ran.code == 0 and ran.said("4 of 4 inputs done (1 of them before)"), ran.err
    events = [json.loads(line) for line in log.read_text().splitlines()]
    worked = sorted(event["id"] for event in events if event["event"] == "done")
    assert worked == ["changed", "lost", "new"]
    assert len(list((out / "changed" / "json").iterdir())) == 6
    assert (out / "same").stat().st_mtime_ns == before["same"]


def test_the_plan_is_printed_and_nothing_done(corpus, done, tmp_path, typed):
    words = ("batch", corpus[0], *FLAGS, "--dry_run", "--output")
    plan = typed(*words, tmp_path / "out")
    lines = [line.split("\t") for line in plan.out.splitlines()]
    assert plan.code == 0 and len(lines) == 20 and not (tmp_path / "out").exists()
    assert ["new", str(corpus[0] / "long.mp4"), str(tmp_path / "out" / "long")] in lines
    assert plan.said("named more_same")
    assert typed(*words, done[0], "--hand_render", 0).out.count("flags changed") == 17
    assert typed(*words, done[0]).out.count("done\t") == 17


@pytest.mark.slow
def test_shards_share_the_inputs_and_the_names(corpus, done, tmp_path, typed):
    for shard in ("1/2", "2/2"):
        batch(corpus[0], tmp_path, "--shard", shard, "--workers", 1, "--span", 0, "--quiet")
    assert files_below_results(tmp_path) == files_below_results(done[0])
    both = rows(tmp_path / "summary-1-of-2.csv") | rows(tmp_path / "summary-2-of-2.csv")
    assert both.keys() == rows(done[0] / "summary.csv").keys()
    assert "all" in typed("batch", "status", tmp_path).out


def files_below_results(out: Path) -> dict[str, bytes]:
    tables = ("summary", "failed", ".batch")
    return {k: v for k, v in files_below(out).items() if not k.startswith(tables)}


def test_a_row_of_a_manifest_has_its_own_flags_and_name(corpus, tmp_path):
    table = tmp_path / "table.csv"
    clips = corpus[0]
    table.write_text(
        f"path,id,frame_last,write_json\n{clips}/clip001.mp4,S1,1,\n{clips}/clip002.mp4,S2,,"
        f"{{id}}_{{stem}}\n{clips}/gone.mp4,S3,,\n"
    )
    ran = openpose_py("batch", table, "--output", tmp_path / "{id}/r", *FLAGS[:4], "--quiet")
    assert ran.code == 1 and ran.said("gone.mp4: cannot be read: no such file"), ran.err
    assert len(list((tmp_path / "S1/r/json").iterdir())) == 2
    assert len(list((tmp_path / "S2/r/S2_clip002").iterdir())) == 4


@pytest.mark.parametrize("kills", [2, pytest.param(10, marks=pytest.mark.slow)])
@pytest.mark.slow
def test_killed_at_random_and_started_again_it_ends_with_the_same_bytes(
    corpus, done, tmp_path, kills
):
    log = tmp_path / "log"
    words = ["batch", corpus[0], "--output", tmp_path / "out", *FLAGS, "--workers", 2]
    words += ["--span", SPAN, "--json_log", log, "--quiet"]
    command = [sys.executable, "-m", "openpose_py", *map(str, words)]
    chance = random.Random(kills)
    for _ in range(kills):
        process = subprocess.Popen(command, env={**os.environ, "OMP_NUM_THREADS": "1"})
        wait_for_more(log, process)
        time.sleep(chance.random())
        process.kill()
        process.wait()
    ran = openpose_py(*words)
    assert ran.code == 1
    assert files_below_results(tmp_path / "out") == files_below_results(done[0])
    events = [json.loads(line) for line in log.read_text().splitlines() if line.endswith("}")]
    finished = [(e["id"], e.get("first")) for e in events if e["event"] == "done"]
    joined = [pair for pair in finished if pair != ("long", None)]
    assert len(joined) == len(set(joined))
    assert [n for n in os.listdir(tmp_path / "out") if n.startswith(".")] == [".batch"]


def wait_for_more(log: Path, process: subprocess.Popen) -> None:
    """Until the log tells of work that has begun."""
    size = log.stat().st_size if log.exists() else 0
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        text = log.read_text()[size:] if log.exists() else ""
        if '"begin"' in text:
            return
        time.sleep(0.02)


def test_ctrl_c_ends_it_with_130_and_what_was_done_stays(corpus, tmp_path):
    log = tmp_path / "log"
    words = ["batch", corpus[0], "--output", tmp_path / "out", *FLAGS, "--json_log", log]
    process = subprocess.Popen(
        [sys.executable, "-m", "openpose_py", *map(str, words)], stderr=subprocess.PIPE, text=True
    )
    wait_for_more(log, process)
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=60)[1]
    assert process.returncode == 130, said
    assert "the same command goes on" in said and "Traceback" not in said
    assert (tmp_path / "out" / "summary.csv").exists()


@pytest.fixture
def small_disk(tmp_path):
    """A quarter of a megabyte."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except OSError:
        mounted = False
    if not mounted:
        pytest.skip("a tmpfs cannot be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.slow
def test_a_full_disk_ends_in_clear_lines_and_loses_nothing(corpus, done, small_disk, tmp_path):
    ran = batch(corpus[0], small_disk / "out", "--workers", 1, "--quiet")
    assert ran.code == 3 and ran.said("the disk is full"), ran.err
    assert ran.said("the same command goes on") and len(ran.lines) < 12
    finished = [path.parent for path in (small_disk / "out").glob("*/.done.json")]
    assert 0 < len(finished) < 16
    for folder in finished:
        assert files_below(folder) == files_below(done[0] / folder.name)
    shutil.copytree(small_disk / "out", tmp_path / "out")  # to a larger disk
    assert batch(corpus[0], tmp_path / "out", "--workers", 1, "--quiet").code == 1
    assert files_below_results(tmp_path / "out") == files_below_results(done[0])


def test_an_output_that_cannot_be_is_said_before_the_work(corpus, tmp_path, typed):
    (tmp_path / "file").touch()
    ran = typed("batch", corpus[0], "--output", tmp_path / "file" / "out", *FLAGS)
    assert ran.code == 3 and ran.said("cannot be written") and len(ran.lines) <= 6, ran.err


def test_flags_that_make_no_batch_are_refused(corpus, tmp_path, typed):
    for words, said in (
        (("--video", "x.mp4"), "--video"),
        (("--shard", "3/2"), "--shard"),
        (("--workers", -1), "--workers"),
        (("--write_video", "/tmp/x.mp4"), "inside the folder"),
        (("--tracking", 3), "--number_people_max"),
    ):
        ran = typed("batch", corpus[0], "--output", tmp_path, *FLAGS, *words)
        assert ran.code == 2 and ran.said(said), ran.err
    nothing = typed("batch", corpus[0], "--output", tmp_path)
    assert nothing.code == 2 and nothing.said("nothing would be produced")


@pytest.mark.slow
def test_two_hundred_inputs_have_the_bytes_of_single_runs(check_against_single_runs, tmp_path):
    bad = write_corpus(tmp_path / "clips", 200)
    ran = batch(tmp_path / "clips", tmp_path / "out", "--workers", 2, "--span", SPAN, "--quiet")
    assert ran.code == 1 and set(rows(tmp_path / "out" / "failed.csv")) == set(bad)
    good = [p.parent.name for p in (tmp_path / "out").glob("*/.done.json")]
    assert len(good) == 197
    check_against_single_runs(tmp_path / "out", good)
