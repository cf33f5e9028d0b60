"""OpenPose's spellings of flags."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openpose_py.cli.gflags import plain
from openpose_py.errors import UsageError


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("--net_resolution -1x368", ["--net_resolution=-1x368"]),
        ("--net_resolution=-1x368", ["--net_resolution=-1x368"]),
        ("-net_resolution 656x368", ["--net_resolution=656x368"]),
        ("--net-resolution 656x368", ["--net_resolution=656x368"]),
        ("--face", ["--face"]),
        ("--face=true", ["--face"]),
        ("--face=Y", ["--face"]),
        ("--face 1", ["--face"]),
        ("--face --noface", []),
        ("--face=0", []),
        ("--face false", []),
        ("--noface --face", ["--face"]),
        ("--3d --3d_views 3", ["--3d", "--3d_views=3"]),
        ("--camera 0x10", ["--camera=16"]),
        ("--camera 010", ["--camera=10"]),
        ("--camera -1", ["--camera=-1"]),
        ("--frame_last 18446744073709551615", ["--frame_last=-1"]),
        ("--scale_gap .25", ["--scale_gap=0.25"]),
        ("--scale_number 2 --scale_number 3", ["--scale_number=3"]),
        ("decode_me --face", ["decode_me", "--face"]),
        ("a a", ["a", "a"]),
        ("--face -- --hand", ["--face"]),
        ("--video a=b.mp4", ["--video=a=b.mp4"]),
        ("--write_json --face", ["--write_json=--face"]),
        ("--help", ["--help"]),
        ("--install-completion", ["--install-completion"]),
    ],
)
def test_a_spelling_is_read_as_openpose_reads_it(typed, read):
    assert plain(typed.split()) == read


@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        ("--modle_pose COCO", "did you mean --model_pose?"),
        ("--webcam", "did you mean --camera 0?"),
        ("--frame_step", "a value is missing"),
        ("--frame_step 1.5", "wants a whole number"),
        ("--frame_step ''", "wants a whole number"),
        ("--frame_step 99999999999999999999", "out of range"),
        ("--scale_gap a", "wants a number"),
        ("--face=maybe", "true or false"),
        ("--noframe_step 3", "is not a switch"),
        ("--noface=1", "is not a switch"),
        ("--flagfile /no/such/file", "cannot be read"),
    ],
)
def test_a_mistake_is_named(typed, complaint):
    with pytest.raises(UsageError) as problem:
        plain(typed.split())
    assert complaint in str(problem.value)


def test_a_flagfile_may_hold_comments_quotes_and_other_flagfiles(tmp_path):
    inner = tmp_path / "inner.txt"
    inner.write_text("--net_resolution=-1x480\n")
    outer = tmp_path / "outer.txt"
    outer.write_text(f"# a comment\n--face --video 'my walk.mp4'\n\n--flagfile {inner}\n")
    words = plain(["--flagfile", str(outer), "--noface"])
    assert words == ["--video=my walk.mp4", "--net_resolution=-1x480"]


def test_a_flagfile_that_names_itself_ends(tmp_path):
    path = tmp_path / "loop.txt"
    path.write_text(f"--flagfile={path}\n")
    with pytest.raises(UsageError, match="names itself"):
        plain([f"--flagfile={path}"])


@settings(max_examples=300)
@given(st.lists(st.text(max_size=12) | st.sampled_from(["--face", "-video", "--no3d", "--"])))
def test_any_words_are_read_or_refused_in_one_error(words):
    try:
        read = plain(words)
    except UsageError as problem:
        assert problem.what
    else:
        assert all(isinstance(word, str) for word in read)
