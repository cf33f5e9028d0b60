"""Every line of docs/from_other_programs.md, typed in a folder that has its inputs but no models.

A line whose model is missing has passed all checks of its flags and values: it ends by naming the
file that is wanted. What needs no model runs through.
"""

import json
import re
import shlex
from pathlib import Path

import pytest
from drawn.media import numbered_frames, write_pictures, write_video
from drawn.other_data import lip_points, lone_people, write_coco, write_lip

from openpose_py.cli.app import main

PAGE = Path(__file__).parents[2] / "docs" / "from_other_programs.md"
LINES = re.findall(r"\| `openpose-py ([^`]+)` \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
MODEL_MISSING = 4
SIDE = 64


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Inputs of the names that the page uses."""
    folder = tmp_path_factory.mktemp("desk")
    write_pictures(folder / "images", {"1.png": numbered_frames(1, (96, 64))[0]})
    write_video(folder / "video.avi", numbered_frames(2, (96, 64)), codec="mjpeg")
    (folder / "boxes.json").write_text('[{"image_id": "1.png", "bbox": [0, 0, 9, 9], "score": 1}]')
    write_coco(folder, SIDE)
    write_lip(folder, SIDE)
    (folder / "lip.csv").rename(folder / "lip_val_set.csv")
    answers = [
        f"{number}.png," + ",".join(f"{x:.0f},{y:.0f}" for x, y in lip_points(one).tolist())
        for number, one in enumerate(lone_people(SIDE))
    ]
    (folder / "detections.csv").write_text("\n".join(answers))
    return folder


@pytest.fixture
def typed(desk, tmp_path, monkeypatch, capsys):
    def type_(line: str) -> tuple[int, str, str]:
        for path in desk.iterdir():
            (tmp_path / path.name).symlink_to(path)
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
        monkeypatch.delenv("DISPLAY", raising=False)
        monkeypatch.setattr("sys.argv", ["openpose-py", *shlex.split(line)])
        with pytest.raises(SystemExit) as ended:
            main()
        return (ended.value.code or 0, *capsys.readouterr())

    return type_


def test_the_page_has_lines_of_every_command():
    assert len(LINES) > 30
    assert {line.split()[0] for line in LINES} >= {"eval", "train", "export", "--model_pose"}


@pytest.mark.parametrize("line", [x for x in LINES if "--camera" not in x and x[:5] != "train"])
def test_a_line_is_understood_up_to_the_missing_model(line, typed):
    code, out, said = typed(line)
    if line == "eval lip_val_set.csv detections.csv":
        assert code == 0 and "U.Body" in out
        return
    assert code == MODEL_MISSING, said
    assert "are not there" in said, said


@pytest.mark.parametrize("line", [x for x in LINES if "--camera" in x])
def test_a_camera_s_line_wants_a_screen_or_a_camera(line, typed):
    code, _, said = typed(line)
    assert code in (3, MODEL_MISSING), said
    assert "no such" not in said.lower(), said


@pytest.mark.parametrize("line", [x for x in LINES if x[:5] == "train"])
def test_a_training_reads_the_published_files(line, typed):
    """There are none on the desk: what is missing is a file of LIP or COCO, or the weights."""
    code, _, said = typed(f"{line} --device cpu")
    assert code == 3, said
    assert re.search(r"TrainVal_|annotations/person|nothing to resume|sgd_68|retrained", said), said


def test_boxes_of_the_page_are_what_detfile_wants(desk):
    assert json.loads((desk / "boxes.json").read_text())[0].keys() == {"image_id", "bbox", "score"}
