"""A folder is whole or absent."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from openpose_py.batch.done_record import Record, Work, difference, read_record, write_record
from openpose_py.batch.job import Done
from openpose_py.batch.whole_folder import part_of, sweep, whole_folder
from openpose_py.errors import OutputError

WORK = Work("/clips/a.mp4", 100, 5, {"hand": True}, "abc")
RECORD = Record(WORK, Done(3, 2, 0.5, ("one damaged",)), "1")


def make(target: Path, text: str) -> None:
    with whole_folder(target) as folder:
        assert folder.parent == target.parent
        (folder / "a").write_text(text)
        write_record(folder, RECORD)


def test_it_appears_at_the_end_and_replaces_an_older_one(tmp_path):
    target = tmp_path / "deep" / "a"
    for text in ("old", "new"):
        make(target, text)
        assert (target / "a").read_text() == text
        assert os.listdir(target.parent) == ["a"]
        assert sorted(os.listdir(target)) == [".done.json", "a"]


def test_nothing_is_left_of_a_failure_and_the_old_one_stays(tmp_path):
    target = tmp_path / "a"
    make(target, "old")
    with pytest.raises(RuntimeError), whole_folder(target) as folder:
        (folder / "a").write_text("half")
        raise RuntimeError
    assert (target / "a").read_text() == "old" and os.listdir(tmp_path) == ["a"]


def test_a_folder_that_is_not_ours_is_never_replaced(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "thesis.txt").write_text("years of work")
    with pytest.raises(OutputError, match="not from a batch"):
        make(tmp_path / "a", "new")
    assert (tmp_path / "a" / "thesis.txt").exists()


def test_leftovers_of_the_dead_are_swept_those_of_the_living_are_not(tmp_path):
    program = (
        "import os, signal\nfrom pathlib import Path\n"
        "from openpose_py.batch.whole_folder import whole_folder\n"
        f"with whole_folder(Path({str(tmp_path)!r}) / 'a'):\n"
        "    os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", program], check=False)
    (left,) = os.listdir(tmp_path)
    with whole_folder(tmp_path / "b") as folder:
        sweep(tmp_path, set(os.listdir(tmp_path)))
        assert folder.exists() and not (tmp_path / left).exists()
        write_record(folder, RECORD)
    assert os.listdir(tmp_path) == ["b"]


def test_a_leftover_of_the_same_process_number_is_in_nobodys_way(tmp_path):
    part_of(tmp_path / "a", os.getpid()).mkdir()
    make(tmp_path / "a", "new")
    assert os.listdir(tmp_path) == ["a"]


def test_a_name_as_long_as_the_file_system_allows_is_no_trouble(tmp_path):
    make(tmp_path / ("x" * 255), "new")
    with pytest.raises(OutputError, match="name too long"):
        make(tmp_path / ("x" * 256), "new")


def test_a_record_comes_back_as_it_was_written(tmp_path):
    write_record(tmp_path, RECORD)
    assert read_record(str(tmp_path)) == RECORD


@pytest.mark.parametrize("text", ["", "{", "[]", '{"input": 1}', "\x00\x01"])
def test_a_damaged_record_is_none(tmp_path, text):
    (tmp_path / ".done.json").write_text(text)
    assert read_record(str(tmp_path)) is None


def test_differences_are_named():
    def with_(**changed: object) -> str:
        values = {name: getattr(WORK, name) for name in WORK.__slots__}
        return difference(WORK, Work(**{**values, **changed}))

    assert with_() == ""
    assert with_(input="/moved/to/a.mp4") == ""
    assert with_(size=7) == with_(mtime=7) == "input changed"
    assert with_(input="/clips/b.mp4") == with_(input="/b/a.mp4", size=7) == "another input"
    assert with_(flags={}) == "flags changed"
    assert with_(model="d") == "model changed"
