"""Inputs -> jobs: what is found, how it is named, where it goes."""

from pathlib import Path

import pytest

from openpose_py.batch.plan import plan
from openpose_py.errors import InputError, UsageError
from openpose_py.settings import Settings

BASE = Settings(write_json="json", display=0)


@pytest.fixture
def clips(tmp_path) -> Path:
    folder = tmp_path / "clips"
    for name in ("a/walk.mp4", "b/walk.mp4", "b/run.mkv", "b/run.avi", "jump.mp4", ".hidden.mp4"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    for name in ("stills/1.png", "stills/2.jpg", "stills/notes.pdf"):
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"")
    return folder


def names(words, output="out", base=BASE) -> dict[str, str]:
    jobs = plan([str(word) for word in words], str(output), base).jobs
    return {job.id: job.target for job in jobs}


def test_a_folder_gives_its_videos_and_its_folders_of_pictures(clips):
    found = plan([str(clips)], "out", BASE).jobs
    below = [str(Path(job.path).relative_to(clips)) for job in found]
    assert below == ["jump.mp4", "a/walk.mp4", "b/run.avi", "b/run.mkv", "b/walk.mp4", "stills"]


def test_inputs_with_one_name_are_told_apart_and_reported(clips):
    planned = plan([str(clips)], "out", BASE)
    ids = {job.id for job in planned.jobs}
    assert ids == {"jump", "a_walk", "b_walk", "run.avi", "run.mkv", "stills"}
    assert len(planned.notices) == 4 and "named a_walk" in planned.notices[0]


def test_names_do_not_depend_on_the_order(clips):
    one, two = clips / "a" / "walk.mp4", clips / "b" / "walk.mp4"
    assert names([one, two]) == names([two, one])


def test_an_input_that_is_named_twice_is_one(clips):
    assert len(names([clips / "jump.mp4", clips, clips / "*.mp4"])) == 6


def test_a_name_of_one_of_our_files_is_not_taken(clips):
    (clips / "summary.csv.mp4").touch()
    assert list(names([clips / "summary.csv.mp4"])) == ["clips_summary.csv"]


def test_patterns_fill_the_folder_of_the_results(clips):
    found = plan([str(clips / "a"), str(clips / "b")], "out/{parent}/{stem}", BASE)
    targets = {job.target for job in found.jobs}
    assert targets == {
        "out/a/walk", "out/b/walk", "out/b/run.avi", "out/b/run.mkv",
    }  # fmt: skip
    assert found.root == "out"


def test_a_list_names_files_beside_it(clips):
    (clips / "list.txt").write_text("# two\njump.mp4\n\nb/walk.mp4\n")
    assert names([clips / "list.txt"]) == {"jump": "out/jump", "walk": "out/walk"}


def test_a_manifest_gives_ids_and_flags(clips):
    (clips / "table.csv").write_text(
        "path,id,net_resolution,hand\njump.mp4,S01,-1x160,\nb/walk.mp4,,,true\na/walk.mp4,S02,,\n"
    )
    first, second, third = plan([str(clips / "table.csv")], "out", BASE).jobs
    assert (first.id, first.flags) == ("S01", (("net_resolution", "-1x160"),))
    assert (second.id, second.flags) == ("walk", (("hand", True),))
    assert (third.target, third.flags) == ("out/S02", ())


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("file,id\na,b\n", "no column named path"),
        ("path,net_res\na,1\n", "did you mean net_resolution"),
        ("path,scale_number\njump.mp4,many\n", "--scale_number cannot be 'many'"),
        ("path,scale_number\njump.mp4,99\n", "at most 8"),
        ("path,net_resolution\njump.mp4,abc\n", "--net_resolution"),
        ("path,id\njump.mp4,../x\n", "plain file name"),
        ("path,id\njump.mp4,x\na/walk.mp4,X\n", "several inputs"),
        ("path,write_json\njump.mp4,/tmp/x\n", "inside the folder"),
        ("path,id\njump.mp4\n", "2 cells"),
        ("path\n\xff", "UTF-8"),
    ],
)
def test_a_wrong_manifest_is_refused_before_the_work(clips, table, said):
    (clips / "table.csv").write_bytes(table.encode("latin-1"))
    with pytest.raises((UsageError, InputError)) as refused:
        plan([str(clips / "table.csv")], "out", BASE)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("words", "output", "flags", "said"),
    [
        ([], "out", {}, "name files"),
        (["clips"], "", {}, "--output"),
        (["nowhere"], "out", {}, "no such file"),
        (["clips/*.nothing"], "out", {}, "matches nothing"),
        (["clips/stills/1.png"], "out", {}, "is a picture"),
        (["clips"], "out/{name}", {}, "{name} means nothing"),
        (["clips"], "out/same", {"video": "x"}, "--video"),
        (["clips"], "out/{parent}", {}, "would both go to"),
        (["clips"], "out", {"write_video": "../x.mp4"}, "inside the folder"),
    ],
)
def test_what_makes_no_plan_is_said_at_once(clips, monkeypatch, words, output, flags, said):
    monkeypatch.chdir(clips.parent)
    with pytest.raises((UsageError, InputError)) as refused:
        plan(words, output, Settings(write_json="json", **flags))
    assert said in str(refused.value)
