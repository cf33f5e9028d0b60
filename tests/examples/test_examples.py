"""Every example runs as its own docstring says."""

import csv
import subprocess
import sys
from pathlib import Path

import cv2
from drawn.command import openpose_py

EXAMPLES = Path(__file__).parents[2] / "examples"


def example(name: str, *words: object, cwd: Path) -> str:
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / f"{name}.py"), *map(str, words)],
        cwd=cwd, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_one_picture(models, two_people_tall, tmp_path):
    text = example("one_picture", two_people_tall / "two.png", models, cwd=tmp_path)
    assert text.count("person ") == 2
    assert cv2.imread(str(tmp_path / "drawn.png")).shape == (368, 192, 3)


def test_video_to_table(models, clip, tmp_path):
    example("video_to_table", clip, models, "wrists.csv", cwd=tmp_path)
    rows = list(csv.reader((tmp_path / "wrists.csv").open()))
    assert rows[0] == ["frame", "seconds", "person", "x", "y", "score"]


def test_folder_in_a_loop(models, two_people_tall, tmp_path):
    text = example("folder_in_a_loop", two_people_tall, models, cwd=tmp_path)
    assert text == "two: 2 people\n"


def test_own_drawing(models, two_people_tall, tmp_path):
    done = openpose_py(
        "--image_dir", two_people_tall, "--model_folder", models, "--write_json", tmp_path / "json"
    )
    assert done.code == 0, done.err
    example("own_drawing", tmp_path / "json", two_people_tall, "dots", cwd=tmp_path)
    drawn = cv2.imread(str(tmp_path / "dots" / "two.png"))
    assert (drawn[:, :, 2] == 255).any()
