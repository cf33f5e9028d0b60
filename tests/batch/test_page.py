"""The command lines of docs/batch.md, on a small corpus."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from drawn.clips import write_clip

from openpose_py.batch.course import Course
from openpose_py.batch.options import options
from openpose_py.batch.state import StateFile
from openpose_py.cli.app import main

PAGE = (Path(__file__).parents[2] / "docs" / "batch.md").read_text()
LINES = re.findall(r"^    openpose-py (batch .+)$", PAGE, re.MULTILINE)
PLANS = [line for line in LINES if not re.search("batch status|--emit|://", line)]
FAR = [line for line in LINES if "://" in line]


@pytest.fixture
def typed(tmp_path, monkeypatch, capsys):
    """The line in this process, in a folder with one clip; what it prints."""
    (tmp_path / "clips").mkdir()
    write_clip(tmp_path / "clips" / "walk.mp4")
    monkeypatch.chdir(tmp_path)

    def typed_(line: str) -> str:
        monkeypatch.setattr(sys, "argv", ["openpose-py", *shlex.split(line)])
        with pytest.raises(SystemExit) as ended:
            main()
        assert not ended.value.code
        return capsys.readouterr().out

    return typed_


@pytest.mark.parametrize("line", PLANS)
def test_the_line_makes_a_plan(line, typed):
    line = line.replace("3/8", "1/8")
    assert typed(f"{line} --dry_run") == "new\tclips/walk.mp4\tout/walk\n"


def test_the_line_for_slurm_makes_a_script(typed):
    (line,) = (line for line in LINES if "--emit" in line)
    script = typed(line.partition(" >")[0])
    assert subprocess.run(["bash", "-n"], input=script, text=True).returncode == 0
    assert "--write_json=." in script and "--output=out/" in script


def test_the_lines_for_stores_make_plans(typed, tmp_path):
    pytest.importorskip("fsspec")
    folder = f"file://{tmp_path}"
    targets = (f"{folder}/out/walk", "out/walk")
    for line, target in zip(FAR, targets, strict=True):
        near = line.replace("s3://bucket", folder).replace("https://host", folder)
        assert typed(f"{near} --dry_run") == f"new\t{folder}/clips/walk.mp4\t{target}\n"


def test_the_line_for_status_reads_what_a_batch_has_left(typed, tmp_path):
    line = next(line for line in LINES if line.startswith("batch status"))
    (tmp_path / "out" / ".batch").mkdir(parents=True)
    assert StateFile(tmp_path / "out", "", "").renew(Course([]))
    assert "running" in typed(line)


def test_the_page_names_every_flag_of_the_batch():
    for flag in options():
        assert f"--{flag.name}" in PAGE, flag.name
