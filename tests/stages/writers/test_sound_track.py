import logging
import os
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from drawn.media import numbered_frames, write_audio, write_video

from openpose_py.errors import InputError, UsageError
from openpose_py.records import Result
from openpose_py.stages.writers.video_file import VideoFile

MakeResult = Callable[..., Result]

FPS = 20


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Two seconds with a tone."""
    return write_video(tmp_path / "source.mp4", numbered_frames(40), FPS, audio=True)


def draw(
    path: Path, make_result: MakeResult, count: int, audio_from: Path, start: float = 0.0
) -> Path:
    writer = VideoFile(path, FPS, audio_from)
    for index, picture in enumerate(numbered_frames(count)):
        writer.write(make_result(picture, index, time=start + index / FPS))
    writer.close()
    return path


def sound_of(path: Path) -> tuple[float, float, np.ndarray]:
    """Where the sound begins and ends, in seconds after the first picture, and its samples."""
    with av.open(str(path)) as video:
        rate = video.streams.audio[0].rate
        first = next(video.decode(video=0)).time
        video.seek(0)
        frames = list(video.decode(audio=0))
    samples = np.concatenate([frame.to_ndarray()[0] for frame in frames])
    last = frames[-1]
    return frames[0].time - first, last.time + last.samples / rate - first, samples


def packets_of(path: Path) -> list[bytes]:
    with av.open(str(path)) as video:
        return [bytes(packet) for packet in video.demux(audio=0) if packet.size]


@pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.mkv"])
def test_the_sound_is_copied_as_it_is(
    tmp_path: Path, make_result: MakeResult, source: Path, name: str
) -> None:
    drawn = draw(tmp_path / name, make_result, 40, source)
    assert packets_of(drawn) == packets_of(source)
    start, end, samples = sound_of(drawn)
    assert abs(start) < 0.07
    assert abs(end - 2.0) < 0.07
    assert 0.2 < samples.std() < 0.5


def test_the_sound_ends_with_the_pictures(
    tmp_path: Path, make_result: MakeResult, source: Path
) -> None:
    drawn = draw(tmp_path / "a.mp4", make_result, 15, source)
    assert abs(sound_of(drawn)[1] - 15 / FPS) < 0.07
    assert len(packets_of(drawn)) < len(packets_of(source))


def test_all_pictures_are_kept_when_the_sound_is_shorter(
    tmp_path: Path, make_result: MakeResult, source: Path
) -> None:
    drawn = draw(tmp_path / "a.mp4", make_result, 70, source)
    with av.open(str(drawn)) as video:
        assert sum(1 for _ in video.decode(video=0)) == 70
    assert abs(sound_of(drawn)[1] - 2.0) < 0.07


def test_the_sound_begins_where_the_first_frame_was_taken(
    tmp_path: Path, make_result: MakeResult, source: Path
) -> None:
    drawn = draw(tmp_path / "a.mp4", make_result, 10, source, start=1.0)
    start, end, _ = sound_of(drawn)
    assert abs(start) < 0.07
    assert abs(end - 10 / FPS) < 0.07
    copied, all_packets = packets_of(drawn), packets_of(source)
    first = all_packets.index(copied[0])
    assert abs(first * 1024 / 16000 - 1.0) < 0.14
    assert copied == all_packets[first : first + len(copied)]


def test_a_source_whose_time_begins_late_keeps_its_sound_in_step(
    tmp_path: Path, make_result: MakeResult
) -> None:
    stream = write_video(tmp_path / "source.ts", numbered_frames(40), FPS, audio=True)
    with av.open(str(stream)) as video:
        assert video.streams.video[0].start_time > 0
    start, end, _ = sound_of(draw(tmp_path / "a.mp4", make_result, 40, stream))
    assert abs(start) < 0.15
    assert abs(end - 2.0) < 0.15


def test_sound_without_pictures_can_be_added(tmp_path: Path, make_result: MakeResult) -> None:
    sound = write_audio(tmp_path / "sound.m4a", 1.0)
    assert abs(sound_of(draw(tmp_path / "a.mp4", make_result, 40, sound))[1] - 1.0) < 0.07


def test_a_source_without_sound_is_a_notice(
    tmp_path: Path, make_result: MakeResult, caplog: pytest.LogCaptureFixture
) -> None:
    silent = write_video(tmp_path / "silent.mp4", numbered_frames(10), FPS)
    with caplog.at_level(logging.WARNING):
        drawn = draw(tmp_path / "a.mp4", make_result, 10, silent)
    assert [record.getMessage() for record in caplog.records] == [
        f"{silent}: it has no sound; the video is written without sound"
    ]
    with av.open(str(drawn)) as video:
        assert not video.streams.audio
        assert sum(1 for _ in video.decode(video=0)) == 10


def test_sound_that_the_format_cannot_hold_is_a_notice(
    tmp_path: Path, make_result: MakeResult, caplog: pytest.LogCaptureFixture
) -> None:
    with av.open(str(tmp_path / "wma.asf"), "w") as container:
        stream = container.add_stream("wmav2", rate=16000, layout="mono", bit_rate=32000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 8192), np.float32), "fltp", "mono")
        frame.sample_rate, frame.pts = 16000, 0
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with caplog.at_level(logging.WARNING):
        drawn = draw(tmp_path / "a.mp4", make_result, 10, tmp_path / "wma.asf")
    assert "its sound (wmav2) cannot be stored in mp4" in caplog.text
    with av.open(str(drawn)) as video:
        assert not video.streams.audio


def test_a_source_that_is_gone_is_one_error(tmp_path: Path, make_result: MakeResult) -> None:
    with pytest.raises(InputError) as caught:
        draw(tmp_path / "a.mp4", make_result, 3, tmp_path / "gone.mp4")
    assert caught.value.where == str(tmp_path / "gone.mp4")
    assert not os.listdir(tmp_path)


def test_avi_with_sound_is_refused_at_once(tmp_path: Path, source: Path) -> None:
    with pytest.raises(UsageError) as caught:
        VideoFile(tmp_path / "a.avi", FPS, source)
    assert "a.mp4" in caught.value.hint
