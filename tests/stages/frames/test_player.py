import itertools
from pathlib import Path

import cv2
import numpy as np
import pytest

from openpose_py.records import Frame
from openpose_py.stages.frames.open_source import open_source
from openpose_py.stages.frames.player import Player
from openpose_py.stages.frames.source import FrameRange


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A hundred pictures; each one's grey is its number."""
    for number in range(100):
        cv2.imwrite(str(tmp_path / f"{number:03d}.png"), np.full((16, 16, 3), number, np.uint8))
    return tmp_path


def player_of(folder: Path, views: int = 1, **wanted: object) -> Player:
    def opened(first: int):
        return open_source(
            image_dir=str(folder), video="", wanted=FrameRange(**{**wanted, "first": first})
        )

    first = int(wanted.get("first", 0))
    return Player(opened(first), opened, first, views)


def numbers(frames, count: int) -> list[int]:
    found = [(frame.index, int(frame.pixels[0, 0, 0])) for frame in itertools.islice(frames, count)]
    assert all(index == grey for index, grey in found)
    return [index for index, _ in found]


def test_without_a_key_every_frame_comes_once(folder: Path) -> None:
    assert numbers(player_of(folder).frames(), 200) == list(range(100))


def test_forth_leaves_thirty_out_and_back_begins_sixty_earlier(folder: Path) -> None:
    player = player_of(folder)
    frames = player.frames()
    assert numbers(frames, 3) == [0, 1, 2]
    player.forth()
    assert numbers(frames, 2) == [33, 34]
    player.forth()
    player.forth()
    assert numbers(frames, 2) == [95, 96]
    player.back()
    assert numbers(frames, 2) == [37, 38]
    player.back()
    assert numbers(frames, 2) == [0, 1]


def test_back_stops_at_the_first_wanted_frame_and_keeps_the_step(folder: Path) -> None:
    player = player_of(folder, first=10, step=5)
    frames = player.frames()
    assert numbers(frames, 2) == [10, 15]
    player.back()
    assert numbers(frames, 3) == [10, 15, 20]


def test_a_held_frame_comes_again_until_it_is_let_go(folder: Path) -> None:
    player = player_of(folder)
    frames = player.frames()
    assert numbers(frames, 6) == [0, 1, 2, 3, 4, 5]
    player.hold()
    assert numbers(frames, 3) == [5, 5, 5]
    player.forth()
    assert numbers(frames, 2) == [6, 6]
    player.back()
    player.back()
    assert numbers(frames, 2) == [4, 4]
    player.hold()
    assert numbers(frames, 2) == [5, 6]


def test_a_jump_beyond_the_end_ends_the_run(folder: Path) -> None:
    player = player_of(folder, last=40)
    frames = player.frames()
    assert numbers(frames, 20) == list(range(20))
    player.forth()
    assert numbers(frames, 5) == []


def test_a_jump_beyond_the_end_of_a_repeated_input_begins_again(folder: Path) -> None:
    player = player_of(folder, last=40, repeat=True)
    frames = player.frames()
    assert numbers(frames, 20) == list(range(20))
    player.forth()
    assert numbers(frames, 3) == [0, 1, 2]


def test_the_views_of_a_time_step_stay_together() -> None:
    class Steps:
        fps, count, unreadable = None, 6, []

        def frames(self):
            for number in range(6):
                pixels = np.full((4, 4, 3), number // 2, np.uint8)
                yield Frame(pixels, number // 2, "a", 0.0, "", view=number % 2)

        def close(self) -> None:
            pass

    player = Player(Steps(), lambda first: Steps(), views=2)
    frames = player.frames()
    assert [next(frames).view for _ in range(2)] == [0, 1]
    player.hold()
    held = [next(frames) for _ in range(4)]
    assert [(frame.index, frame.view) for frame in held] == [(0, 0), (0, 1)] * 2


def test_a_closed_player_ends(folder: Path) -> None:
    player = player_of(folder)
    frames = player.frames()
    assert numbers(frames, 1) == [0]
    player.hold()
    player.close()
    assert numbers(frames, 5) == []
