"""Small videos and folders of pictures, made on the spot; each frame carries its number."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

BITS = 12
TICKS = 1000  # of a second: unit of `times` in `write_video`


def numbered_picture(number: int, size: tuple[int, int] = (160, 96)) -> np.ndarray:
    """uint8 (height, width, 3): `number` as black and white blocks, 4 x 3, lowest bit first."""
    bits = [(number >> bit) & 1 for bit in range(BITS)]
    blocks = np.array(bits, np.uint8).reshape(3, 4) * 255
    picture = cv2.resize(blocks, size, interpolation=cv2.INTER_NEAREST)
    return np.repeat(picture[:, :, None], 3, axis=2)


def number_in(pixels: np.ndarray) -> int:
    """The number that `numbered_picture` put in; exact also after lossy coding."""
    blocks = cv2.resize(pixels[:, :, 1], (4, 3), interpolation=cv2.INTER_AREA)
    return sum(1 << bit for bit, white in enumerate(blocks.ravel() > 127) if white)


def numbered_frames(count: int, size: tuple[int, int] = (160, 96)) -> list[np.ndarray]:
    return [numbered_picture(number, size) for number in range(count)]


def write_video(
    path: Path,
    frames: Sequence[np.ndarray],
    fps: float = 25,
    *,
    codec: str = "libx264",
    audio: bool = False,
    times: Sequence[int] | None = None,
    turned: int = 0,
    mirrored: bool = False,
    options: Mapping[str, str] | None = None,
) -> Path:
    """A video of `frames` (uint8, B G R, all of one even size); the ending of `path` is its format.

    audio: a sine tone (AAC) as long as the frames. times: milliseconds of each frame, otherwise
    `fps` rules. turned, mirrored: the display matrix, degrees counter-clockwise and left-right.
    options: of the container, such as {"movflags": "faststart"}.
    """
    with av.open(str(path), "w", options=dict(options or {})) as container:
        rate = Fraction(fps).limit_denominator(1001)
        stream = container.add_stream(codec, rate=rate)
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        stream.gop_size = 12
        if turned or mirrored:
            stream.set_display_rotation(turned, hflip=mirrored)
        if times is not None:
            stream.codec_context.time_base = Fraction(1, TICKS)
        sound = container.add_stream("aac", rate=16000, layout="mono") if audio else None
        for number, pixels in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="bgr24")
            if times is not None:
                frame.pts, frame.time_base = times[number], Fraction(1, TICKS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
        if sound is not None:
            _write_tone(container, sound, len(frames) / fps)
    return path


def write_audio(path: Path, seconds: float = 1.0) -> Path:
    """A file with a sine tone (AAC) and no picture."""
    with av.open(str(path), "w") as container:
        _write_tone(container, container.add_stream("aac", rate=16000, layout="mono"), seconds)
    return path


def _write_tone(
    container: av.container.OutputContainer, stream: av.AudioStream, seconds: float
) -> None:
    wave = np.sin(np.arange(int(seconds * 16000)) * (2 * np.pi * 440 / 16000)).astype(np.float32)
    for start in range(0, len(wave), 1024):
        samples = wave[None, start : start + 1024] / 2
        frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout="mono")
        frame.sample_rate, frame.pts = 16000, start
        container.mux(stream.encode(frame))
    container.mux(stream.encode())


def write_pictures(folder: Path, pictures: Mapping[str, np.ndarray | bytes]) -> Path:
    """A folder of files by name: arrays are encoded as the ending says, bytes stay as they are."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in pictures.items():
        if not isinstance(content, bytes):
            content = cv2.imencode(Path(name).suffix, content)[1].tobytes()
        (folder / name).write_bytes(content)
    return folder
