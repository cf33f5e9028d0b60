"""Inputs that several tests share, made once a session."""

import logging
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from openpose_py.stages.maps.sizes import SizeWishes, geometry_of

# A shell's background jobs ignore Ctrl-C, and commands that they start do too.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def messages_heard() -> Iterator[None]:
    """The command sends the package's messages to stderr; the next test listens to them."""
    yield
    logger = logging.getLogger("openpose_py")
    logger.setLevel(logging.NOTSET)
    logger.propagate, logger.handlers = True, []


@pytest.fixture(scope="session")
def models(tmp_path_factory) -> Path:
    """A --model_folder with the hand-made BODY_25 network."""
    from drawn.copied_people import write_model

    folder = tmp_path_factory.mktemp("models")
    write_model(folder, "BODY_25")
    return folder


@pytest.fixture(scope="session")
def two_people(tmp_path_factory) -> Path:
    """A folder with one picture of two people for that network; 192 x 128 pixels."""
    from drawn.copied_people import write_picture

    folder = tmp_path_factory.mktemp("pictures")
    write_picture(folder / "two.png", "BODY_25", "body_25", 2)
    return folder


@pytest.fixture(scope="session")
def two_people_tall(tmp_path_factory) -> Path:
    """The same two people in a picture of the default network height, 368 pixels."""
    from drawn.copied_people import picture_of

    folder = tmp_path_factory.mktemp("tall")
    picture = picture_of("BODY_25", "body_25", 2)
    cv2.imwrite(str(folder / "two.png"), np.pad(picture, ((0, 368 - len(picture)), (0, 0), (0, 0))))
    return folder


@pytest.fixture(scope="session")
def crowd_maps(tmp_path_factory) -> Path:
    """A folder with one file of network maps: four drawn BODY_25 people, 320 x 176."""
    from drawn.crowd import drawn_maps

    from openpose_py.records import Maps
    from openpose_py.stages.writers.map_files import map_arrays
    from openpose_py.zoo.skeletons import read_skeleton

    folder = tmp_path_factory.mktemp("maps")
    maps, _ = drawn_maps(read_skeleton("BODY_25"), 4, (320, 176), seed=3)
    geometry = geometry_of((640, 352), SizeWishes((320, 176)))
    np.savez(folder / "crowd_maps.npz", **map_arrays(Maps((maps,), geometry), "BODY_25"))
    return folder


@pytest.fixture(scope="session")
def numbered(tmp_path_factory) -> Path:
    """A folder of twelve small pictures, each showing its own number."""
    from drawn.media import numbered_picture

    folder = tmp_path_factory.mktemp("numbered")
    for number in range(12):
        cv2.imwrite(str(folder / f"picture_{number}.png"), numbered_picture(number))
    return folder


@pytest.fixture(scope="session")
def clip(tmp_path_factory) -> Path:
    """A video of twelve numbered frames, 10 a second, with sound."""
    from drawn.media import numbered_frames, write_video

    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    return write_video(path, numbered_frames(12), 10, audio=True)


@pytest.fixture
def screen() -> Iterator[str]:
    """A DISPLAY that nobody sees."""
    if re.search(r"GUI: *NONE", cv2.getBuildInformation()):
        pytest.skip("this OpenCV has no windows")
    if shutil.which("Xvfb") is None:
        pytest.skip("Xvfb is not installed")
    reading, writing = os.pipe()
    words = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "800x600x24"]
    server = subprocess.Popen(words, pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    with os.fdopen(reading) as answer:
        yield f":{answer.readline().strip()}"
    server.kill()
    server.wait()
