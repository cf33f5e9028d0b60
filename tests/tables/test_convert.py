"""`openpose-py convert`: JSON into tables and back, byte for byte, through the real command."""

import csv
import json
import shutil
import tempfile
from pathlib import Path

import numpy as np
import pyarrow.parquet as parquet
import pytest
from drawn.command import openpose_py
from hypothesis import given, settings
from hypothesis import strategies as st

from openpose_py.stages.writers.json_people import JsonFields, people_json
from openpose_py.tables.convert import Wish, convert

GOLDEN = Path(__file__).parents[1] / "golden" / "files" / "json"
# what a table leaves out: candidates of parts, and line breaks for readers
NOT_KEPT = {"candidates", "candidates_all_empty", "candidates_no_people", "human_readable"}
TABLES = ("csv", "jsonl", "parquet")


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """The golden files, as pictures, as a video of every kind of frame, and below a sub folder."""
    base = tmp_path_factory.mktemp("out")
    paths = [
        path for path in sorted(GOLDEN.glob("*.json"))
        if path.stem.removesuffix("_keypoints") not in NOT_KEPT
    ]  # fmt: skip
    (base / "monday").mkdir()
    for number, path in enumerate(paths):
        shutil.copy(path, base)
        shutil.copy(path, base / f"walk_{3 * number:012d}_keypoints.json")
        shutil.copy(path, base / f"walk_{3 * number:012d}_keypoints_1.json")
        shutil.copy(path, base / "monday" / f"photo{number:04d}_keypoints.json")
    return base


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*") if path.is_file()
    }  # fmt: skip


@pytest.mark.parametrize("to", TABLES)
def test_a_table_becomes_the_same_bytes_again(to, folder, tmp_path):
    table = tmp_path / f"walk.{to}"
    made = openpose_py("convert", folder, "--to", to, "--output", table, "--fps", 25)
    assert (made.code, made.out.strip(), made.err) == (0, str(table), "")
    back = openpose_py("convert", table, "--to", "json")
    assert (back.code, back.out.strip()) == (0, str(tmp_path / "walk_json"))
    assert contents(tmp_path / "walk_json") == contents(folder)


@pytest.fixture(scope="module")
def tables(folder, tmp_path_factory) -> dict[str, list[dict]]:
    """The rows of the three tables, as other programs read them."""
    base = tmp_path_factory.mktemp("tables")
    for to in TABLES:
        wish = Wish(to, str(base / f"t.{to}"), frames_a_second=25, model="BODY_25")
        assert convert(folder, wish) == 0
    with (base / "t.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    lines = (base / "t.jsonl").read_text().splitlines()
    return {
        "csv": rows,
        "jsonl": [json.loads(line) for line in lines],
        "parquet": parquet.read_table(base / "t.parquet").to_pylist(),
    }


def test_the_three_tables_say_the_same(tables):
    assert len(tables["csv"]) == len(tables["jsonl"]) == len(tables["parquet"]) > 1000
    for text, line, row in zip(*tables.values(), strict=True):
        assert list(text) == list(line) == list(row)
        for name, value in row.items():
            assert (text[name] == "") == (line[name] is None) == (value is None)
            if isinstance(value, float):
                written = float(text[name])
                assert np.float32(written) == np.float32(line[name]) or written != written
                assert abs(value - written) <= 1e-5 * abs(value) or not np.isfinite(value)
            elif value is not None:
                assert text[name] == str(line[name]) == str(value)


def test_rows_say_what_stands_in_the_file(tables):
    path = GOLDEN / "body_face_hands_keypoints.json"
    people = json.loads(path.read_text())["people"]
    rows = [row for row in tables["parquet"] if row["video"] == "body_face_hands"]
    for number, person in enumerate(people):
        of_person = [row for row in rows if row["person"] == number]
        for prefix, first in (("pose", "Nose"), ("face", "face_Contour1"),
                              ("hand_left", "hand_left_Wrist")):  # fmt: skip
            (row,) = [row for row in of_person if row["keypoint"] == first]
            values = person[f"{prefix}_keypoints_2d"][:3]
            shown = [f"{row[name]:.6g}" for name in ("x", "y", "confidence")]
            assert shown == [f"{value:.6g}" for value in values] and row["z"] is None
    assert len(rows) == len(people) * (25 + 70 + 21 + 21)


def test_points_in_space_have_a_z_and_times_follow_the_frames(tables):
    in_space = [row for row in tables["parquet"] if row["z"] is not None]
    assert {row["video"] for row in in_space} >= {"body_3d", "walk", "walk@1", "monday/photo%04d"}
    for row in tables["parquet"]:
        assert row["time"] == (None if row["frame"] is None else round(row["frame"] / 25, 6))


def test_a_frame_without_people_is_a_row(tables):
    (row,) = [row for row in tables["parquet"] if row["video"] == "empty"]
    assert [name for name, value in row.items() if value is not None] == ["video"]


ARRAYS = st.integers(0, 3)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(*[ARRAYS] * 9), min_size=1, max_size=5), st.randoms(), st.data())
def test_whatever_people_json_writes_comes_back(counts, random, data):
    parts = (25, 70, 21, 21, 25, 70, 21, 21)
    numbers = np.random.default_rng(random.randrange(2**32))
    names = list(JsonFields.__dataclass_fields__)[:8]
    texts = []
    for rows in counts:
        fields = {}
        for name, people, count in zip(names, rows, parts, strict=False):
            shape = (people, data.draw(st.sampled_from([count, 3, 18])), 4 if "3d" in name else 3)
            bits = numbers.integers(0, 2**31 - 2**24, shape).astype(np.uint32)
            fields[name] = bits.view(np.float32) if people else None
        ids = np.arange(rows[8]) * 10**7 if rows[8] else None
        texts.append(people_json(JsonFields(**fields, person_ids=ids)))
    with tempfile.TemporaryDirectory() as base:
        source = Path(base) / "out"
        source.mkdir()
        for number, text in enumerate(texts):
            (source / f"v_{number:012d}_keypoints.json").write_bytes(text)
        for to in TABLES:
            assert convert(source, Wish(to)) == 0
            assert convert(Path(f"{source}.{to}"), Wish("json", f"{base}/{to}")) == 0
            assert contents(Path(base) / to) == contents(source)


def test_lengths_are_metres_with_a_scale_and_angles_stay(tmp_path, folder):
    for scale in (0, 0.5):
        assert convert(folder, Wish("csv", str(tmp_path / f"{scale}.csv"), scale=scale)) == 0
    with (tmp_path / "0.csv").open() as one, (tmp_path / "0.5.csv").open() as other:
        for pixel, metre in zip(csv.DictReader(one), csv.DictReader(other), strict=True):
            if pixel["z"] == "" and pixel["x"] not in ("", "nan"):
                assert float(metre["x"]) == pytest.approx(float(pixel["x"]) / 2, rel=1e-4, abs=1e-6)
            assert pixel["z"] == metre["z"] and pixel["confidence"] == metre["confidence"]


def test_a_damaged_file_is_told_and_left_out(tmp_path):
    source = tmp_path / "out"
    source.mkdir()
    shutil.copy(GOLDEN / "body_1person_keypoints.json", source)
    (source / "cut_keypoints.json").write_bytes(b'{"version":1.3,"people":[{"pos')
    made = openpose_py("convert", source, "--to", "csv", cwd=tmp_path)
    assert made.code == 1 and made.said("cut_keypoints.json: is not a file of OpenPose keypoints")
    assert len((tmp_path / "out.csv").read_text().splitlines()) == 26


def test_part_candidates_are_left_out_and_that_is_told(tmp_path):
    source = tmp_path / "out"
    source.mkdir()
    shutil.copy(GOLDEN / "candidates_keypoints.json", source)
    shutil.copy(GOLDEN / "candidates_all_empty_keypoints.json", source)
    made = openpose_py("convert", source, "--to", "csv", "--output", tmp_path / "t.csv")
    assert made.code == 0 and len(made.lines) == 1 and made.said("part_candidates are left out")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["nowhere", "--to", "csv"], 3, "no such folder"),
        (["empty", "--to", "csv"], 3, "has no file *_keypoints.json"),
        (["bad", "--to", "csv"], 3, "none of 1 files could be read"),
        (["good", "--to", "cvs"], 2, "did you mean csv?"),
        (["good", "--to", "csv", "--fps", "-1"], 2, "--fps"),
        (["good", "--to", "csv", "--model_pose", "BODY_24"], 2, "did you mean"),
        (["good", "--to", "csv", "--output", "file.txt/x.csv"], 3, "cannot be written"),
        (["good", "--to", "json"], 2, "is no table"),
        (["file.txt", "--to", "csv"], 2, "a table goes back --to json"),
        (["good", "--to", "trc"], 2, "--fps"),
        (["good", "--to", "trc", "--fps", "30"], 2, "--scale"),
        (["good", "--to", "trc", "--angles", "--fps", "30"], 2, "--angles"),
        (["good", "--to", "mot", "--fps", "30", "--model_pose", "COCO"], 2, "--model_pose BODY_25"),
        (["picture", "--to", "mot", "--fps", "30"], 3, "has no time"),
        (["picture", "--to", "coco"], 3, "does not end in a number"),
        (["wrong.csv", "--to", "json"], 3, "has no column 'frame'"),
        (["wrong.jsonl", "--to", "json"], 3, "line 1"),
        (["wrong.parquet", "--to", "json"], 3, "is not a Parquet file"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_one_clear_line(words, code, said, tmp_path, monkeypatch):
    for name in ("empty", "bad", "good", "picture"):
        (tmp_path / name).mkdir()
    (tmp_path / "bad" / "a_keypoints.json").touch()
    person = GOLDEN / "body_1person_keypoints.json"
    shutil.copy(person, tmp_path / "good" / "walk_000000000000_keypoints.json")
    shutil.copy(person, tmp_path / "picture" / "two_keypoints.json")
    for name in ("file.txt", "wrong.csv", "wrong.jsonl", "wrong.parquet"):
        (tmp_path / name).write_text("video,x\n")
    done = openpose_py("convert", *words, cwd=tmp_path)
    assert done.code == code and said in done.err and len(done.lines) <= 3, done.err
    assert not list(tmp_path.rglob(".*.part"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda rows: rows[:5] + rows[6:], "rows are missing"),
        (lambda rows: rows[25:] + rows[:25], "is not where it belongs"),
        (lambda rows: rows[:50] + rows[:25], "is not where it belongs"),
        (lambda rows: [*rows[:3], "v,1,,0,-1,Nose,here,1,,1\n"], "row 4 is no row"),
        (lambda rows: ["../v,1,,,,,,,,\n"], "would lie outside"),
    ],
)
def test_a_table_that_was_torn_apart_does_not_become_wrong_files(change, said, tmp_path):
    source = tmp_path / "out"
    source.mkdir()
    for number in range(3):
        name = f"v_{number:012d}_keypoints.json"
        shutil.copy(GOLDEN / "body_1person_keypoints.json", source / name)
    convert(source, Wish("csv"))
    head, *rows = (tmp_path / "out.csv").read_text().splitlines(keepends=True)
    (tmp_path / "out.csv").write_text("".join([head, *change(rows)]))
    done = openpose_py("convert", tmp_path / "out.csv", "--to", "json")
    assert done.code == 3 and said in done.err, done.err


def test_a_missing_pyarrow_names_what_to_install(tmp_path, folder):
    (tmp_path / "pyarrow.py").write_text("raise ImportError('as if it were not there')")
    words = ("convert", folder, "--to", "parquet", "--output", tmp_path / "t.parquet")
    done = openpose_py(*words, environment={"PYTHONPATH": str(tmp_path)})
    assert done.code == 3 and len(done.lines) == 2
    assert done.said("pyarrow is not installed") and done.said("openpose-py[tables]")


def test_coco_gets_the_file_that_write_coco_json_writes(tmp_path):
    golden = GOLDEN.parent / "coco"
    data = np.load(golden / "body25_v1_input.npz")
    source = tmp_path / "out"
    source.mkdir()
    start = 0
    for name, count in zip(data["image_names"], data["people_per_frame"], strict=True):
        keypoints = data["keypoints"][start : start + count]
        (source / f"{name}_keypoints.json").write_bytes(people_json(JsonFields(keypoints)))
        start += count
    assert convert(source, Wish("coco")) == 0
    found = [row for path in sorted((tmp_path / "out_coco").iterdir())
             for row in json.loads(path.read_text())]  # fmt: skip
    wanted = json.loads((golden / "body25_v1.json").read_text())
    assert len(found) == len(wanted) > 0
    by_image = {(row["image_id"], tuple(row["keypoints"])) for row in wanted}
    assert {(row["image_id"], tuple(row["keypoints"])) for row in found} == by_image
