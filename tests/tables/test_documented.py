"""Every command of docs/tables.md, typed as it stands there."""

import re
import shlex
from pathlib import Path

import pytest
from drawn.command import openpose_py
from drawn.side_view import body

from openpose_py.stages.writers.json_people import JsonFields, people_json
from openpose_py.tables.convert import TABLES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "tables.md").read_text(encoding="utf-8")
LINES = re.findall(r"^    openpose-py (convert .*)$", PAGE, re.MULTILINE)
MADE = {"csv": ".csv", "parquet": ".parquet", "jsonl": ".jsonl", "coco": "/walk.json",
        "trc": "/walk_person0.trc", "mot": "/walk_person0.mot",
        "json": "/walk_000000000001_keypoints.json"}  # fmt: skip


@pytest.fixture(scope="module")
def desk(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("desk")
    (folder / "out").mkdir()
    for frame in range(3):
        path = folder / "out" / f"walk_{frame:012d}_keypoints.json"
        path.write_bytes(people_json(JsonFields(body())))
    return folder


@pytest.mark.parametrize("line", LINES)
def test_a_documented_line_makes_what_it_says(line, desk):
    words = shlex.split(line)
    done = openpose_py(*words, cwd=desk)
    assert (done.code, done.err) == (0, "")
    to = words[words.index("--to") + 1]
    named = words[words.index("--output") + 1] if "--output" in words else f"out.{to}"
    made = desk / named
    if to not in TABLES:
        made = Path(f"{str(made).rstrip('/')}{MADE[to]}")
    assert made.stat().st_size > 100


def test_every_format_stands_in_the_page():
    for to in MADE:
        assert re.search(rf"^\| .*`{to}`.* \|", PAGE, re.MULTILINE), to
        assert any(f"--to {to}" in line for line in LINES), to
