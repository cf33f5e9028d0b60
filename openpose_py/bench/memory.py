"""How much memory a run needs: its peak by model and resolution, and its course over a long video.

Every number is of the real command in a process of its own, watched from outside.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from openpose_py.bench.models import RANDOM, loaded
from openpose_py.bench.rows import Plan, Row
from openpose_py.bench.whole_way import saved, write_walk
from openpose_py.errors import StageError
from openpose_py.zoo.cards import card_named

PEAK, COURSE = "peak of memory", "memory over a long video"
MODELS = ("BODY_25B_COMPACT", "BODY_25", "BODY_25B", "BODY_135", "COCO", "mobilenet_thin")
HEIGHTS = (368, 480, 736, 1088)
FRAMES = 2  # of a run whose peak is looked at
HOUR = 3600  # seconds
LONG = {True: HOUR * 2, False: 300}  # frames by `full`: an hour at two a second
SMALL, SMALL_HEIGHT = (320, 176), 64
EVERY = {True: 100, False: 20}  # frames between two looks


def memory(plan: Plan) -> Iterator[Row]:
    yield from _peaks(plan)
    yield from _course(plan)


def _peaks(plan: Plan) -> Iterator[Row]:
    for model in MODELS if plan.full else MODELS[:1]:
        for height in HEIGHTS if plan.full else HEIGHTS[:1]:
            with tempfile.TemporaryDirectory() as folder:
                value = peak_of(model, height, Path(folder), plan)
            yield Row(PEAK, model, f"-1x{height}", value, "MiB")


def peak_of(model: str, height: int, folder: Path, plan: Plan) -> float:
    """MiB, the most that was ever resident, for a 1280x720 video to JSON and a drawn video."""
    write_walk(folder / "walk.mp4", FRAMES)
    words = ["--model_pose", model, "--net_resolution", f"-1x{height}"]
    run = subprocess.Popen(
        [*_command(model, folder, plan), *words], stderr=subprocess.PIPE, text=True
    )
    said = run.stderr.read() if run.stderr else ""
    _, status, used = os.wait4(run.pid, 0)
    run.returncode = os.waitstatus_to_exitcode(status)
    if run.returncode:
        raise StageError(said.strip() or "failed", where=f"bench: memory of {model}")
    return used.ru_maxrss / 1024


def _course(plan: Plan) -> Iterator[Row]:
    frames, every = LONG[plan.full], EVERY[plan.full]
    with tempfile.TemporaryDirectory() as folder:
        for frame, value in course(frames, every, Path(folder), plan):
            case, axis = f"frame {frame}", "frames"
            yield Row(COURSE, case, "resident", value, "MiB", axis, frame)


def course(frames: int, every: int, folder: Path, plan: Plan) -> Iterator[tuple[int, float]]:
    """Frame number and MiB that are resident, every so many frames of a small long video."""
    write_walk(folder / "walk.mp4", frames, SMALL, fps=2)
    words = ["--net_resolution", f"-1x{SMALL_HEIGHT}", "--cli_verbose", str(every)]
    command = [*_command(MODELS[0], folder, plan), *words, "--model_pose", MODELS[0]]
    run = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    for line in run.stdout or ():
        frame = int(line.split()[2].partition("/")[0])
        yield frame, resident(run.pid)
    if run.wait():
        raise StageError("the run of a long video failed", where="bench: memory")


def resident(process: int) -> float:
    """MiB of a process now; 0 once it has gone."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in status.splitlines() if "VmRSS" in line), 0)


def _command(model: str, folder: Path, plan: Plan) -> list[str]:
    command = [sys.executable, "-m", "openpose_py", "--video", str(folder / "walk.mp4")]
    command += ["--write_json", str(folder / "json"), "--write_video", str(folder / "drawn.mp4")]
    command += ["--quiet", "--display", "0", "--model_folder", str(plan.model_folder)]
    network, weights = loaded(card_named(model), plan)[1:]
    if weights == RANDOM:
        command += ["--caffemodel_path", str(saved(network, folder))]
    return command
