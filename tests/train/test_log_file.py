import importlib.util
from pathlib import Path

import pytest

from openpose_py.errors import StageError
from openpose_py.train.log_file import FILE, Log, Row, plot_log, read_log

HAS_MATPLOTLIB = importlib.util.find_spec("matplotlib") is not None


def row(step: int, ap: float | None = None) -> Row:
    return Row(step, step / 4, 10 / step, (6 / step, 4 / step), 1e-3, 50.0, ap)


def test_rows_are_read_back(tmp_path: Path) -> None:
    log = Log(tmp_path, 0)
    for step in (1, 2, 4):
        log.add(row(step, ap=0.25 if step == 2 else None))
    assert read_log(tmp_path) == [row(1), row(2, 0.25), row(4)]


def test_rows_behind_a_resumed_step_are_dropped(tmp_path: Path) -> None:
    log = Log(tmp_path, 0)
    for step in (1, 2, 4):
        log.add(row(step))
    Log(tmp_path, 2).add(row(5))
    assert [one.step for one in read_log(tmp_path)] == [1, 2, 5]


def test_a_line_cut_by_a_kill_is_left_out(tmp_path: Path) -> None:
    Log(tmp_path, 0).add(row(1))
    with (tmp_path / FILE).open("a") as file:
        file.write("2,0.5,1")
    assert [one.step for one in read_log(tmp_path)] == [1]


@pytest.mark.skipif(not HAS_MATPLOTLIB, reason="matplotlib is not installed")
def test_the_plot_is_a_picture(tmp_path: Path) -> None:
    log = Log(tmp_path, 0)
    log.add(row(1, 0.1))
    log.add(row(2, 0.2))
    assert plot_log(tmp_path).read_bytes().startswith(b"\x89PNG")


@pytest.mark.skipif(HAS_MATPLOTLIB, reason="matplotlib is installed")
def test_without_matplotlib_the_extra_is_named(tmp_path: Path) -> None:
    with pytest.raises(StageError, match=r"openpose-py\[train\]"):
        plot_log(tmp_path)
