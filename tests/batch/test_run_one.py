"""One input, whole or not at all; long videos in spans with the same bytes."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from drawn.clips import GOP, files_below, write_clip
from drawn.media import numbered_frames, write_video

from openpose_py.batch.done_record import read_record
from openpose_py.batch.job import Cut, Done, Job
from openpose_py.batch.kit import Kit
from openpose_py.batch.run_one import run_one
from openpose_py.batch.spans import VideoSpan, cut, span_job, why_in_one_piece
from openpose_py.errors import InputError, OutputError, UsageError
from openpose_py.settings import Settings
from openpose_py.stages.frames.source import FrameRange
from openpose_py.stages.frames.video import Video

BASE = Settings(num_gpu=0, write_json="json", write_images="pictures/{stem}", display=0)
FRAMES = 5 * GOP


def job_of(path: Path, out: Path) -> Job:
    return Job(str(path), path.stem, str(out / path.stem))


def in_spans(job: Job, kit: Kit) -> Done | Cut:
    """As the schedule does it."""
    spans = run_one(job, kit)
    assert isinstance(spans, Cut) and len(spans.spans) > 1
    for span in reversed(spans.spans):
        assert isinstance(run_one(span_job(job, span), kit), Done)
    return run_one(dataclasses.replace(job, spans=spans.spans), kit)


def test_the_outputs_appear_below_the_target_with_a_record(tmp_path):
    job = job_of(write_clip(tmp_path / "walk.mp4"), tmp_path / "out")
    done = run_one(job, Kit(BASE))
    assert isinstance(done, Done) and done.frames == 4
    assert len(list((tmp_path / "out/walk/pictures/walk").iterdir())) == 4
    record = read_record(job.target)
    assert record.done == done and record.work.input == job.path
    assert record.work.flags == {
        "num_gpu": 0, "write_json": "json", "write_images": "pictures/{stem}",
    }  # fmt: skip


def test_the_same_job_again_is_done_already(tmp_path):
    job = job_of(write_clip(tmp_path / "walk.mp4"), tmp_path / "out")
    done = run_one(job, Kit(BASE))
    Path(job.target, "json").rename(tmp_path / "elsewhere")
    assert run_one(job, Kit(dataclasses.replace(BASE, quiet=True))) == done
    assert not Path(job.target, "json").exists()
    run_one(job, Kit(dataclasses.replace(BASE, frame_flip=True)))
    assert Path(job.target, "json").exists()


def test_results_of_another_input_are_never_replaced(tmp_path):
    (tmp_path / "b").mkdir()
    run_one(job_of(write_clip(tmp_path / "walk.mp4"), tmp_path / "out"), Kit(BASE))
    before = files_below(tmp_path / "out")
    with pytest.raises(OutputError, match="holds the results of"):
        run_one(job_of(write_clip(tmp_path / "b" / "walk.mp4", 5), tmp_path / "out"), Kit(BASE))
    assert files_below(tmp_path / "out") == before


def test_nothing_is_left_of_an_input_that_fails(tmp_path):
    (tmp_path / "noise.mp4").write_bytes(b"noise" * 999)
    with pytest.raises(InputError):
        run_one(job_of(tmp_path / "noise.mp4", tmp_path / "out"), Kit(BASE))
    late = dataclasses.replace(BASE, frame_first=99)
    with pytest.raises(UsageError):
        run_one(job_of(write_clip(tmp_path / "short.mp4"), tmp_path / "out"), Kit(late))
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("ending", ["mp4", "mkv", "avi", "ts"])
def test_spans_give_the_bytes_of_one_piece(tmp_path, ending):
    codec = "mpeg4" if ending == "avi" else "libx264"
    path = write_video(tmp_path / f"long.{ending}", numbered_frames(FRAMES), 10, codec=codec)
    joined = in_spans(job_of(path, tmp_path / "cut"), Kit(BASE, span=GOP))
    whole = run_one(job_of(path, tmp_path / "whole"), Kit(BASE))
    assert (joined.frames, joined.people) == (whole.frames, whole.people)
    assert files_below(tmp_path / "cut") == files_below(tmp_path / "whole")
    assert [entry.name for entry in (tmp_path / "cut").iterdir()] == ["long"]


def test_spans_keep_to_the_wanted_frames(tmp_path):
    path = write_video(tmp_path / "long.mp4", numbered_frames(FRAMES), 10)
    few = dataclasses.replace(BASE, frame_first=13, frame_last=40, frame_step=7)
    in_spans(job_of(path, tmp_path / "cut"), Kit(few, span=GOP))
    run_one(job_of(path, tmp_path / "whole"), Kit(few))
    assert files_below(tmp_path / "cut") == files_below(tmp_path / "whole")


@pytest.mark.parametrize("more", [{}, {"turned": 90, "mirrored": True}, {"times": "uneven"}])
def test_frames_of_spans_are_those_of_the_video(tmp_path, more):
    if more.get("times"):
        steps = np.random.default_rng(1).integers(20, 200, FRAMES)
        more = {"times": np.cumsum(steps).tolist()}
    path = write_video(tmp_path / "long.mp4", numbered_frames(FRAMES), 10, **more)
    spans = cut(job_of(path, tmp_path), BASE, GOP)
    parts = [frame for s in spans for frame in VideoSpan(path, FrameRange(), s).frames()]
    for part, frame in zip(parts, Video(path, FrameRange()).frames(), strict=True):
        assert (part.index, part.name, part.time) == (frame.index, frame.name, frame.time)
        np.testing.assert_array_equal(part.pixels, frame.pixels)


def test_what_ends_before_its_length_or_is_short_is_not_cut(tmp_path):
    whole = write_video(tmp_path / "long.mkv", numbered_frames(FRAMES), 10)
    assert len(cut(job_of(whole, tmp_path), BASE, GOP)) == 5
    assert cut(job_of(whole, tmp_path), BASE, FRAMES) == ()
    short = tmp_path / "short.avi"
    write_video(short, numbered_frames(FRAMES), 10, codec="mpeg4")
    short.write_bytes(short.read_bytes()[: short.stat().st_size // 2])
    assert cut(job_of(short, tmp_path), BASE, GOP) == ()


def test_spans_that_are_damaged_send_the_video_back_to_one_piece(tmp_path):
    path = write_video(tmp_path / "long.avi", numbered_frames(FRAMES), 10, codec="mpeg4")
    job, kit = job_of(path, tmp_path / "out"), Kit(BASE, span=GOP)
    spans = run_one(job, kit).spans
    wrong = dataclasses.replace(spans[1], stop=spans[1].stop + 1)
    assert run_one(span_job(job, wrong), kit) == Cut(())
    assert run_one(dataclasses.replace(job, whole=True), kit).frames == FRAMES


@pytest.mark.parametrize(
    "flags",
    [{"tracking": 1}, {"identification": True}, {"three_d": True},
     {"write_video": "x.mp4"}, {"hand": True, "hand_detector": 3}],
)  # fmt: skip
def test_flags_that_join_frames_over_time_keep_a_video_in_one_piece(flags):
    assert why_in_one_piece(Settings(**flags)).startswith("--")
    assert why_in_one_piece(Settings()) == ""
