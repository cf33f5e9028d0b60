"""`openpose-py bench` through the real command, on its quickest section; what becomes of rows."""

import json

import pytest
from drawn.command import openpose_py

from openpose_py.bench.crowd import crowd, crowd_maps
from openpose_py.bench.measure import medians
from openpose_py.bench.rows import Row
from openpose_py.bench.tables import as_markdown, as_text
from openpose_py.bench.whole_way import of_trace
from openpose_py.stages.people.decode import decode
from openpose_py.stages.people.options import options_for
from openpose_py.zoo.cards import card_named
from openpose_py.zoo.skeletons import read_skeleton


@pytest.fixture(scope="module")
def benched(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bench")
    return openpose_py("bench", "drawing", "--json", "numbers.json", "--output", "results",
                       cwd=folder), folder  # fmt: skip


def test_numbers_stand_on_stdout_and_in_a_file_with_machine_versions_and_date(benched):
    done, folder = benched
    assert done.code == 0, done.err
    table = json.loads((folder / "numbers.json").read_text())
    assert {"date", "processor", "cores", "versions", "python"} <= table["about"].keys()
    assert {row["way"] for row in table["rows"]} == {"CPU look", "GPU look"}
    assert all(row["value"] > 0 and row["unit"] == "ms" for row in table["rows"])
    assert "people: 150, 720p" in done.out and table["about"]["date"] in done.out
    assert done.err.count("drawing: ") == len(table["rows"])


def test_results_are_named_by_date_and_machine(benched):
    done, folder = benched
    names = sorted(path.name for path in (folder / "results").iterdir())
    date = json.loads((folder / "numbers.json").read_text())["about"]["date"]
    assert all(name.startswith(date) and "_quick" in name for name in names)
    assert {name.rpartition(".")[2] for name in names} >= {"json", "md"}
    assert all(f"results/{name}" in done.out for name in names)


def test_a_mistyped_section_is_refused_with_the_nearest():
    done = openpose_py("bench", "network")
    assert done.code == 2 and done.said("did you mean networks?")


def test_a_folder_that_cannot_be_made_is_refused_before_anything_is_measured(tmp_path):
    (tmp_path / "file").touch()
    done = openpose_py("bench", "drawing", "--output", tmp_path / "file" / "results")
    assert done.code == 3 and "drawing: " not in done.err


@pytest.mark.parametrize("people", [1, 20])
def test_the_people_of_the_drawn_maps_are_found(people):
    skeleton = read_skeleton("BODY_25")
    maps = crowd_maps(skeleton, people, (656, 368))
    found, _ = decode(maps, skeleton, options_for(card_named("BODY_25")))
    assert len(found) == people
    wanted = crowd(skeleton, people, (656, 368))
    middle = skeleton.parts.index("MidHip")
    places = [sorted(map(tuple, one[:, middle, :2].round())) for one in (found.keypoints, wanted)]
    assert all(abs(a[0] - b[0]) < 4 for a, b in zip(*places, strict=True))


def test_ways_run_in_turns():
    order = []
    ways = {"a": lambda: order.append("a"), "b": lambda: order.append("b")}
    assert medians(ways, 0, lambda: float(len(order))) == {"a": 1000, "b": 1000}
    assert order == ["a", "b"] * (len(order) // 2)


def test_a_line_holds_all_ways_of_a_case():
    rows = [Row("decoder", "5 people", "ours", 1.5), Row("decoder", "5 people", "theirs", 150.0)]
    assert as_text(rows).splitlines()[2].split() == ["5", "people", "1.50", "150"]
    assert "| 5 people | 1.50 | 150 |" in as_markdown(rows, "Here.")


def test_first_frames_do_not_count_for_the_whole_way():
    ends = [1000, 1100, 1200, 1300, 1400, 1410, 1420]  # milliseconds
    events = [{"ph": "X", "name": "write", "ts": 1000 * end - 2000, "dur": 2000} for end in ends]
    frame, stages = of_trace(events)
    assert frame == pytest.approx(10) and stages == {"write": pytest.approx(2)}
