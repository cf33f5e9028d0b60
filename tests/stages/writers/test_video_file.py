import logging
import os
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from drawn.media import number_in, numbered_frames

from openpose_py.errors import OutputError, UsageError
from openpose_py.records import Result
from openpose_py.stages.writers import video_encoders
from openpose_py.stages.writers.video_file import VideoFile

MakeResult = Callable[..., Result]


def write(writer: VideoFile, make_result: MakeResult, frames: list[np.ndarray]) -> None:
    for index, picture in enumerate(frames):
        writer.write(make_result(np.zeros_like(picture), index, picture=picture))
    writer.close()


def pictures(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as video:
        return [frame.to_ndarray(format="bgr24") for frame in video.decode(video=0)]


def gradients(width: int, height: int) -> np.ndarray:
    """Colours that change slowly: what a lossy coder keeps well."""
    y, x = np.mgrid[0:height, 0:width]
    channels = [60 + x * 100 / width, 60 + y * 100 / height, 160 - x * 100 / width]
    return np.stack(channels, axis=2).astype(np.uint8)


@pytest.mark.parametrize(
    ("name", "codec", "pixels"),
    [
        ("a.mp4", "h264", "yuv420p"),
        ("a.MP4", "h264", "yuv420p"),
        ("a.m4v", "h264", "yuv420p"),
        ("a.mov", "h264", "yuv420p"),
        ("a.mkv", "h264", "yuv420p"),
        ("a.avi", "mjpeg", "yuvj420p"),
    ],
)
def test_all_frames_come_back_in_order(
    tmp_path: Path, make_result: MakeResult, name: str, codec: str, pixels: str
) -> None:
    write(VideoFile(tmp_path / name, 25), make_result, numbered_frames(30))
    assert os.listdir(tmp_path) == [name]
    assert [number_in(picture) for picture in pictures(tmp_path / name)] == list(range(30))
    with av.open(str(tmp_path / name)) as video:
        stream = video.streams.video[0]
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == (codec, pixels)


@pytest.mark.parametrize("name", ["a.mp4", "a.avi"])
def test_opencv_reads_the_frames_with_their_colours(
    tmp_path: Path, make_result: MakeResult, name: str
) -> None:
    picture = gradients(160, 96)
    write(VideoFile(tmp_path / name, 25), make_result, [picture] * 10)
    capture = cv2.VideoCapture(str(tmp_path / name))
    count = 0
    while (read := capture.read())[0]:
        count += 1
        assert cv2.PSNR(read[1], picture) > 36
        assert np.abs((read[1].astype(float) - picture).mean(axis=(0, 1))).max() < 2
    assert count == 10


@pytest.mark.parametrize(
    ("fps", "rate"),
    [(25, Fraction(25)), (30000 / 1001, Fraction(30000, 1001)), (12.5, Fraction(25, 2))],
)
@pytest.mark.parametrize("name", ["a.mp4", "a.avi"])
def test_the_frame_rate_is_kept_and_constant(
    tmp_path: Path, make_result: MakeResult, name: str, fps: float, rate: Fraction
) -> None:
    write(VideoFile(tmp_path / name, fps), make_result, numbered_frames(8))
    with av.open(str(tmp_path / name)) as video:
        assert video.streams.video[0].average_rate == rate
        times = [frame.time for frame in video.decode(video=0)]
    np.testing.assert_allclose(times, [n / float(rate) for n in range(8)], atol=1e-4)


@pytest.mark.parametrize("size", [(161, 96), (160, 97), (161, 97), (1, 1)])
def test_odd_sizes_are_continued_by_their_edge(
    tmp_path: Path, make_result: MakeResult, size: tuple[int, int]
) -> None:
    picture = gradients(*size)
    write(VideoFile(tmp_path / "a.mp4", 25), make_result, [picture] * 3)
    shown = pictures(tmp_path / "a.mp4")[0].astype(int)
    assert shown.shape == (size[1] + size[1] % 2, size[0] + size[0] % 2, 3)
    bottom_right = shown[size[1] - 1 :, size[0] - 1 :]
    assert np.abs(bottom_right - picture[-1, -1]).max() < 12


def test_motion_jpeg_keeps_odd_sizes(tmp_path: Path, make_result: MakeResult) -> None:
    write(VideoFile(tmp_path / "a.avi", 25), make_result, [gradients(161, 97)] * 3)
    assert pictures(tmp_path / "a.avi")[0].shape == (97, 161, 3)


def test_without_a_drawn_picture_the_frame_is_written(
    tmp_path: Path, make_result: MakeResult
) -> None:
    writer = VideoFile(tmp_path / "a.mp4", 25)
    writer.write(make_result(numbered_frames(6)[5]))
    writer.close()
    assert [number_in(picture) for picture in pictures(tmp_path / "a.mp4")] == [5]


def test_without_an_h264_encoder_it_is_mpeg_4(
    tmp_path: Path, make_result: MakeResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = {"no_such_encoder": {}, "mpeg4": video_encoders.ENCODERS["mpeg4"]}
    monkeypatch.setattr(video_encoders, "ENCODERS", rows)
    picture = gradients(160, 96)
    write(VideoFile(tmp_path / "a.mp4", 25), make_result, [picture] * 5)
    assert cv2.PSNR(pictures(tmp_path / "a.mp4")[4], picture) > 36


def test_the_name_appears_when_the_video_is_complete(
    tmp_path: Path, make_result: MakeResult
) -> None:
    path = tmp_path / "new_folder" / "a.mp4"
    writer = VideoFile(path, 25)
    writer.write(make_result(gradients(160, 96)))
    assert not path.exists()
    writer.close()
    assert os.listdir(path.parent) == ["a.mp4"]
    writer.close()
    assert len(pictures(path)) == 1


def test_discarding_leaves_an_older_video_as_it_was(
    tmp_path: Path, make_result: MakeResult, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "a.mp4").write_bytes(b"older")
    writer = VideoFile(tmp_path / "a.mp4", 25)
    for picture in numbered_frames(5):
        writer.write(make_result(picture))
    writer.discard()
    writer.close()
    assert os.listdir(tmp_path) == ["a.mp4"]
    assert (tmp_path / "a.mp4").read_bytes() == b"older"
    assert not caplog.records


def test_no_frames_is_a_notice_and_no_file(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        VideoFile(tmp_path / "a.mp4", 25).close()
    assert not os.listdir(tmp_path)
    assert [record.getMessage() for record in caplog.records] == [
        f"{tmp_path / 'a.mp4'}: there was no frame, so no video was written"
    ]


def test_frames_of_another_size_are_one_error(tmp_path: Path, make_result: MakeResult) -> None:
    writer = VideoFile(tmp_path / "a.mp4", 25)
    writer.write(make_result(gradients(160, 96)))
    with pytest.raises(OutputError, match="is 96x160, the first one 160x96") as caught:
        writer.write(make_result(gradients(96, 160)))
    assert "--output_resolution 160x96" in caught.value.hint
    writer.close()
    assert len(pictures(tmp_path / "a.mp4")) == 1


@pytest.mark.parametrize("name", ["a.webm", "a", "mp4", "a.mp4.txt"])
def test_other_endings_are_refused_at_once(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError) as caught:
        VideoFile(tmp_path / name, 25)
    assert caught.value.where == "--write_video"
    assert ".mp4" in caught.value.hint
    assert ".avi" in caught.value.hint


@pytest.mark.parametrize("fps", [0, -1, float("nan"), float("inf"), 1e-9])
def test_impossible_rates_are_refused_at_once(tmp_path: Path, fps: float) -> None:
    with pytest.raises(UsageError, match="frames a second"):
        VideoFile(tmp_path / "a.mp4", fps)


@pytest.mark.parametrize("name", ["a.mp4", "a.avi"])
@pytest.mark.parametrize("count", [200, 14])
def test_a_full_disk_is_one_error_and_leaves_nothing(
    tiny_disk: Path, make_result: MakeResult, name: str, count: int
) -> None:
    """With few frames the coder still holds them, and the disk overflows while it is closed."""
    writer = VideoFile(tiny_disk / name, 25)
    numbers = np.random.default_rng(5)
    with pytest.raises(OutputError, match="No space left") as caught:
        for index in range(count):
            noise = numbers.integers(0, 256, (240, 320, 3), dtype=np.uint8)
            writer.write(make_result(noise, index))
        writer.close()
    assert caught.value.where == str(tiny_disk / name)
    assert not os.listdir(tiny_disk)
    writer.close()
