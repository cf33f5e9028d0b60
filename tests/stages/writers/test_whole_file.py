import os
import stat
from pathlib import Path

import pytest

from openpose_py.errors import OutputError
from openpose_py.stages.writers.whole_file import output_folder, write_whole

AS_ROOT = os.name != "nt" and os.geteuid() == 0


def test_a_file_is_written_and_nothing_else(tmp_path: Path) -> None:
    write_whole(tmp_path / "a.json", b"new")
    assert (tmp_path / "a.json").read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["a.json"]


def test_a_file_has_the_usual_permissions(tmp_path: Path) -> None:
    write_whole(tmp_path / "whole", b"")
    (tmp_path / "usual").write_bytes(b"")
    modes = {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("whole", "usual")}
    assert len(modes) == 1


def test_an_older_file_is_replaced(tmp_path: Path) -> None:
    for data in (b"a long first text", b"short"):
        write_whole(tmp_path / "a.json", data)
    assert (tmp_path / "a.json").read_bytes() == b"short"


def test_names_may_be_as_long_as_the_disk_allows(tmp_path: Path) -> None:
    write_whole(tmp_path / ("n" * 255), b"data")
    with pytest.raises(OutputError) as caught:
        write_whole(tmp_path / ("n" * 256), b"data")
    assert "shorter name" in caught.value.hint
    assert os.listdir(tmp_path) == ["n" * 255]


def test_a_full_disk_is_one_error_and_keeps_the_older_file(tiny_disk: Path) -> None:
    write_whole(tiny_disk / "a.json", b"old")
    with pytest.raises(OutputError) as caught:
        write_whole(tiny_disk / "a.json", bytes(300_000))
    assert caught.value.where == str(tiny_disk / "a.json")
    assert "No space left" in caught.value.what
    assert "disk is full" in caught.value.hint
    assert os.listdir(tiny_disk) == ["a.json"]
    assert (tiny_disk / "a.json").read_bytes() == b"old"


def test_a_folder_that_vanished_is_one_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="No such file") as caught:
        write_whole(tmp_path / "gone" / "a.json", b"data")
    assert "not there any more" in caught.value.hint


def test_a_folder_is_made_with_its_parents(tmp_path: Path) -> None:
    folder = output_folder(str(tmp_path / "a" / "b"))
    assert folder.is_dir()
    assert output_folder(str(folder)) == folder
    assert not os.listdir(folder)


@pytest.mark.parametrize("name", ["file", "file/folder"])
def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("here before")
    with pytest.raises(OutputError) as caught:
        output_folder(str(tmp_path / name))
    assert caught.value.where == str(tmp_path / name)
    assert "choose another one" in caught.value.hint


@pytest.mark.skipif(AS_ROOT, reason="root may write everywhere")
def test_a_folder_without_permission_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError) as caught:
        output_folder(str(tmp_path))
    assert "may write to" in caught.value.hint


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs Linux")
def test_a_place_that_takes_no_files_is_refused_at_once() -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        output_folder("/proc")
