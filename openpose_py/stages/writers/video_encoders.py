"""Stage 5 of 5: results -> files. Pictures into packets of a video stream, one class a codec."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Protocol

import av
import cv2
import numpy as np

from openpose_py.records import Size

ENCODERS = {  # the first that this PyAV has
    # looks and weighs like the preset and factor of OpenPose (medium, 23), in half the time
    "libx264": {"preset": "veryfast", "crf": "20"},
    "mpeg4": {"qmin": "2", "qmax": "4"},
}
BT601 = 5  # AVCOL_SPC_BT470BG: the matrix of cv2's conversion
LIMITED_RANGE = 1  # AVCOL_RANGE_MPEG: luma 16..235, again cv2's
JPEG_QUALITY = 95  # of OpenCV's own Motion JPEG writer, which OpenPose uses


class Encoder(Protocol):
    """Pictures are uint8 (height, width, 3), B G R, of the size given at the start."""

    def packets(self, picture: np.ndarray, index: int) -> Iterable[av.Packet]: ...

    def remaining(self) -> Iterable[av.Packet]: ...


class H264:
    """yuv420p wants even sizes: an odd one is continued by a column or row of its edge."""

    def __init__(self, container: av.container.OutputContainer, size: Size, rate: Fraction) -> None:
        name = _first_encoder()
        self.stream = container.add_stream(name, rate=rate, options=ENCODERS[name])
        self.stream.width, self.stream.height = (side + side % 2 for side in size)
        self.stream.pix_fmt = "yuv420p"
        self.stream.codec_context.colorspace = BT601
        self.stream.codec_context.color_range = LIMITED_RANGE
        self.tick = 1 / rate

    def packets(self, picture: np.ndarray, index: int) -> Iterable[av.Packet]:
        bottom, right = picture.shape[0] % 2, picture.shape[1] % 2
        if bottom or right:
            picture = cv2.copyMakeBorder(picture, 0, bottom, 0, right, cv2.BORDER_REPLICATE)
        # not FFmpeg's conversion, which darkens by two grey levels
        planes = cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420)
        frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
        frame.pts, frame.time_base = index, self.tick
        return self.stream.encode(frame)

    def remaining(self) -> Iterable[av.Packet]:
        return self.stream.encode(None)


class MotionJpeg:
    """Every frame a JPEG of its own, made by OpenCV."""

    def __init__(self, container: av.container.OutputContainer, size: Size, rate: Fraction) -> None:
        self.stream = container.add_stream("mjpeg", rate=rate)
        self.stream.width, self.stream.height = size
        self.stream.pix_fmt = "yuvj420p"
        self.tick = 1 / rate

    def packets(self, picture: np.ndarray, index: int) -> Iterable[av.Packet]:
        _, jpeg = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
        packet = av.Packet(jpeg.tobytes())
        packet.stream, packet.time_base, packet.is_keyframe = self.stream, self.tick, True
        packet.pts = packet.dts = index
        packet.duration = 1
        return [packet]

    def remaining(self) -> Iterable[av.Packet]:
        return []


def _first_encoder() -> str:
    *better, last = ENCODERS
    for name in better:
        try:
            av.Codec(name, "w")
        except av.codec.codec.UnknownCodecError:
            continue
        return name
    return last
