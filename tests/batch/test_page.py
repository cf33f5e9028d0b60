"""The command lines of docs/batch.md, on a small corpus."""

import re
import shlex
import sys
from pathlib import Path

import pytest
from drawn.clips import write_clip

from openpose_py.batch.options import options
from openpose_py.cli.app import main

PAGE = (Path(__file__).parents[2] / "docs" / "batch.md").read_text()
LINES = re.findall(r"^    openpose-py (batch .+)$", PAGE, re.MULTILINE)


@pytest.mark.parametrize("line", [line for line in LINES if "batch status" not in line])
def test_the_line_makes_a_plan(line, tmp_path, monkeypatch, capsys):
    (tmp_path / "clips").mkdir()
    write_clip(tmp_path / "clips" / "walk.mp4")
    monkeypatch.chdir(tmp_path)
    line = line.replace("$SLURM_ARRAY_TASK_ID/8", "1/8").replace("3/8", "1/8")
    monkeypatch.setattr(sys, "argv", ["openpose-py", *shlex.split(line), "--dry_run"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    assert capsys.readouterr().out == "new\tclips/walk.mp4\tout/walk\n"


def test_the_page_names_every_flag_of_the_batch():
    for flag in options():
        assert f"--{flag.name}" in PAGE, flag.name
