"""A long video must not need more memory than a short one: the real command, watched from outside.

The frames are one drawn picture, so that only what is kept a frame can make the process grow.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

import cv2
import pytest
from drawn.media import write_video
from drawn.stick_people import draw, four_people

SIZE = (640, 360)
SETTLED = 100  # frames after which everything that a run needs once is there
GROWTH = 60 * 1024  # KiB that the peak may rise from there to the end
EVERY = 0.05  # seconds between two looks


@pytest.mark.slow
@pytest.mark.parametrize(
    ("frames", "words", "written"),
    [
        (600, ["--write_video", "out/drawn.mp4"], "*.json"),
        (200, ["--write_video", "out/drawn.mp4", "--write_heatmaps", "out", "--heatmaps_add_parts",
               "--heatmaps_scale", "0", "--write_heatmaps_format", "float",
               "--model_pose", "BODY_25B"], "*.float"),
    ],
    ids=["video", "heat_maps"],
)  # fmt: skip
def test_memory_stays_where_it_is_after_a_hundred_frames(frames, words, written, tmp_path):
    picture = cv2.resize(draw(four_people()[0]), SIZE)
    write_video(tmp_path / "long.mp4", [picture] * frames)
    words = ["--video", "long.mp4", "--net_resolution", "-1x64", "--write_json", "out", *words]
    early, end, code = watched(words, tmp_path, written)
    assert code == 0
    assert len(list((tmp_path / "out").glob(written))) == frames
    assert early > 0, "the run ended before it was looked at"
    assert end - early < GROWTH, f"{early} KiB after {SETTLED} frames, {end} KiB at the end"


def watched(words: list[str], folder: Path, written: str) -> tuple[int, int, int]:
    """Peak memory in KiB after `SETTLED` files of that pattern and at the end; the exit code."""
    run = subprocess.Popen(
        [sys.executable, "-m", "openpose_py", *words],
        cwd=folder,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stderr=subprocess.DEVNULL,
    )
    early = peak = 0
    while run.poll() is None:
        peak = max(peak, peak_of(run.pid))
        if not early and len(list(folder.glob(f"out/{written}"))) >= SETTLED:
            early = peak
        time.sleep(EVERY)
    return early, peak, run.returncode


def peak_of(process: int) -> int:
    """KiB, the most that was ever resident; 0 once the process has gone."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next((int(line.split()[1]) for line in status.splitlines() if "VmHWM" in line), 0)
