"""OpenCV and its windows, PyAV and its codecs, the compiler of the decoder."""

import importlib
import importlib.metadata
import os
import re
import sys
from collections.abc import Iterator
from typing import Any

from openpose_py.doctor.finding import LESS, OK, WRONG, Finding

AREA = "pictures and videos"
DECODERS = {"h264": "H.264", "hevc": "HEVC", "vp9": "VP9", "av1": "AV1", "mjpeg": "Motion JPEG"}
ENCODER = "libx264"


def pictures_and_videos() -> Iterator[Finding]:
    # OpenCV first: its windows hang where PyAV was imported before it
    cv2, problem = _imported("cv2")
    if cv2 is None:
        hint = "type: pip install --force-reinstall opencv-python-headless"
        yield Finding(AREA, "OpenCV", WRONG, problem, hint)
    else:
        yield _opencv(cv2)
        yield _windows(cv2)
    av, problem = _imported("av")
    if av is None:
        hint = "type: pip install --force-reinstall av"
        yield Finding(AREA, "PyAV", WRONG, problem, hint)
    else:
        yield _pyav(av)
        yield _codecs(av)
    numba, problem = _imported("numba")
    hint = "" if numba else "type: pip install --force-reinstall numba"
    value = f"{numba.__version__}: compiles the decoder" if numba else problem
    yield Finding(AREA, "numba", OK if numba else WRONG, value, hint)


def _opencv(cv2: Any) -> Finding:
    if cv2.__version__.startswith("4."):
        return Finding(AREA, "OpenCV", OK, cv2.__version__)
    hint = '4.x gives the original\'s pixels bit for bit: pip install "opencv-python-headless<5"'
    return Finding(AREA, "OpenCV", LESS, cv2.__version__, hint)


def _windows(cv2: Any) -> Finding:
    found = re.search(r"^ *GUI: *(\S*)", cv2.getBuildInformation(), re.MULTILINE)
    name = found[1] if found else "NONE"
    if name == "NONE":
        hint = 'type: pip install "openpose-py[display]", or use openpose-py view'
        return Finding(AREA, "windows", LESS, "this OpenCV has none", hint)
    screen = sys.platform != "linux" or os.environ.get("DISPLAY") \
        or os.environ.get("WAYLAND_DISPLAY")  # fmt: skip
    if not screen:
        hint = "no DISPLAY is set: use openpose-py view, or the --write_ flags"
        return Finding(AREA, "windows", LESS, f"{name}, but no screen", hint)
    return Finding(AREA, "windows", OK, name)


def _pyav(av: Any) -> Finding:
    ffmpeg = ".".join(map(str, av.library_versions.get("libavcodec", ())))
    return Finding(AREA, "PyAV", OK, f"{av.__version__} (libavcodec {ffmpeg})")


def _codecs(av: Any) -> Finding:
    reads = ", ".join(text for name, text in DECODERS.items() if _has(av, name, "r"))
    if _has(av, ENCODER, "w"):
        return Finding(AREA, "codecs", OK, f"reads {reads}; writes H.264 ({ENCODER})")
    hint = "type: pip install --force-reinstall av, whose wheels have libx264"
    return Finding(AREA, "codecs", LESS, f"reads {reads}; writes MPEG-4 only", hint)


def _has(av: Any, name: str, mode: str) -> bool:
    try:
        av.Codec(name, mode)
    except av.codec.codec.UnknownCodecError:
        return False
    return True


def _imported(package: str) -> tuple[Any, str]:
    """The package, or None and why not."""
    try:
        return importlib.import_module(package), ""
    except (ImportError, OSError) as problem:
        return None, str(problem).splitlines()[0] if str(problem) else "broken"
