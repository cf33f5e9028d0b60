"""`--track` on the sample videos with the packaged model: one id a person, counted by looking."""

import itertools
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

MEDIA = Path(__file__).parents[1] / "examples" / "media"

# Where people are, looked up in the frames: frame -> x, y of about the middle of the body.
PEDESTRIANS = {
    "walks away, behind the post at 58, turns, behind the sign at 90, goes left": {
        0: (346, 260), 12: (295, 242), 24: (273, 224), 36: (289, 203), 45: (343, 194),
        57: (417, 176), 60: (442, 184), 76: (498, 194), 82: (475, 205), 86: (450, 208),
        97: (396, 211), 110: (341, 210), 119: (300, 215),
    },
    "leaves on the left at 25": {0: (51, 209), 12: (42, 208), 24: (5, 202)},
    "comes from the left, behind the post at 79, goes right": {
        0: (175, 184), 24: (138, 185), 50: (259, 204), 57: (301, 207), 76: (408, 219),
        82: (448, 221), 86: (472, 229), 97: (538, 238), 119: (673, 260),
    },
    "in front, behind the post at 18 and 95": {
        0: (548, 296), 12: (472, 288), 24: (405, 272), 50: (290, 249), 57: (271, 239),
        76: (337, 253), 90: (401, 273), 97: (438, 288), 119: (574, 319),
    },
    "in black, turns at 55, behind the sign at 94": {
        0: (496, 215), 24: (349, 198), 50: (201, 201), 68: (259, 214), 90: (392, 205),
        101: (462, 220), 119: (544, 200),
    },
    "of the pair the one in red": {
        0: (639, 161), 24: (611, 179), 50: (603, 213), 76: (646, 250), 97: (712, 284),
        110: (750, 307),
    },
    "of the pair the one in black": {
        12: (644, 171), 24: (637, 180), 50: (632, 216), 76: (673, 247), 101: (753, 292),
    },
}  # fmt: skip
TWO_PEOPLE = {
    "walks on the grass": {
        0: (989, 507), 10: (874, 496), 20: (752, 497), 30: (622, 494), 40: (484, 491),
        52: (330, 490), 59: (227, 500),
    },
    "jumps off the box": {
        0: (424, 101), 10: (420, 123), 20: (436, 153), 30: (456, 118), 40: (514, 130),
        52: (556, 127),
    },
}  # fmt: skip
NEAR = 25.0  # pixels between the middle by eye and that of the points found
STEP = 50.0  # pixels that a middle moves from one frame to the next at most: points come and go


@pytest.fixture(scope="module")
def tracks(tmp_path_factory):
    """Middles of a video's people; each video is run once."""
    done: dict[str, list[dict[int, np.ndarray]]] = {}

    def tracks_of(video: str) -> list[dict[int, np.ndarray]]:
        if video not in done:
            out = tmp_path_factory.mktemp(video)
            words = ("--video", MEDIA / f"{video}.mp4", "--track", "--write_json", out)
            subprocess.run(
                [sys.executable, "-m", "openpose_py", *map(str, words), "--display", "0"],
                env={**os.environ, "OMP_NUM_THREADS": "1"}, timeout=900, check=True,
            )  # fmt: skip
            done[video] = middles(out)
        return done[video]

    return tracks_of


def middles(folder: Path) -> list[dict[int, np.ndarray]]:
    """For each frame: id -> middle of the points found."""
    frames = []
    for path in sorted(folder.iterdir()):
        found = {}
        for one in json.loads(path.read_text())["people"]:
            points = np.reshape(one["pose_keypoints_2d"], (-1, 3))
            found[one["person_id"][0]] = points[points[:, 2] > 0, :2].mean(0)
        frames.append(found)
    return frames


@pytest.mark.slow
@pytest.mark.parametrize(
    ("video", "people"), [("pedestrians", PEDESTRIANS), ("two_people", TWO_PEOPLE)]
)
def test_every_person_keeps_one_id_while_visible(video, people, tracks):
    frames = tracks(video)
    ids = []
    for who, places in people.items():
        seen = {
            min(frames[frame], key=lambda number: np.hypot(*(frames[frame][number] - place)))
            for frame, place in places.items()
        }
        assert len(seen) == 1, f"the one who {who} has ids {sorted(seen)}"
        ids += seen
        for frame, place in places.items():
            assert np.hypot(*(frames[frame][ids[-1]] - place)) < NEAR, (who, frame)
    assert sorted(set(ids)) == sorted(ids), "two people share an id"
    for number in ids:
        sights = [(n, found[number]) for n, found in enumerate(frames) if number in found]
        moves = [
            np.hypot(*(after - before)) / (last - first)
            for (first, before), (last, after) in itertools.pairwise(sights)
        ]
        assert max(moves) < STEP, f"id {number} jumps"


@pytest.mark.slow
def test_on_the_sample_videos_nobody_else_walks(tracks):
    """Ids of what the network takes for people, wrongly, are there, but none that moves."""
    frames = tracks("pedestrians")
    walkers = set()
    for number in {number for found in frames for number in found}:
        places = np.array([found[number] for found in frames if number in found])
        if len(places) > 5 and np.ptp(places, axis=0).max() > 20:
            walkers.add(number)
    assert len(walkers) == len(PEDESTRIANS)
