"""Whom to judge: stored results, one model, or every checkpoint of a folder."""

import dataclasses
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from openpose_py.errors import InputError, UsageError
from openpose_py.evaluate.lip_csv import ENDING as LIP_ENDING
from openpose_py.evaluate.lip_csv import read_lip_detections
from openpose_py.evaluate.people import Found, GroundTruth
from openpose_py.evaluate.results_in import ENDING, read_coco_results, read_openpose_folder
from openpose_py.settings import Settings
from openpose_py.zoo.cards import cards

CHECKPOINTS = (".caffemodel", ".safetensors", ".pth", ".pt")
BEST_OF_ALL = {
    "maximize_positives": True, "net_resolution_dynamic": -1.0, "scale_number": 4,
    "scale_gap": 0.25, "net_resolution": "1312x736",
}  # fmt: skip
ONE_SCALE = {"net_resolution": "-1x368", "scale_number": 1}
LARGER = {"1312x736": "1712x960", "-1x368": "-1x480"}  # what BODY_135 was trained for


@dataclasses.dataclass(frozen=True)
class Candidate:
    """A model to run. flags: values of the command line."""

    name: str
    flags: dict[str, Any]
    flip: bool = False
    score: str = "pose"


Load = Callable[[], Found] | Candidate


def candidates(
    paths: list[str], truth: GroundTruth, flags: dict[str, Any], flip: bool, score: str
) -> list[Load]:
    """What each path stands for, in order; no path at all: the model of the flags."""
    if not paths:
        return [Candidate(flags["model_pose"], flags, flip, score)]
    found: list[Load] = []
    for path in map(Path, paths):
        checkpoints = _checkpoints(path)
        if checkpoints:
            found += [
                Candidate(one.stem, {**flags, "caffemodel_path": str(one)}, flip, score)
                for one in checkpoints
            ]
        elif path.is_dir() and any(path.glob(f"*{ENDING}")):
            found.append(_folder(path, truth, flags["model_pose"], score))
        elif path.suffix == LIP_ENDING and path.is_file():
            found.append(_detections(path, truth))
        elif path.suffix == ".json" and path.is_file():
            found.append(_file(path, truth))
        elif str(path) in cards():
            found.append(Candidate(str(path), {**flags, "model_pose": str(path)}, flip, score))
        else:
            raise _unknown(path)
    return found


def _checkpoints(path: Path) -> list[Path]:
    """The weight files of a folder in natural order of their names, or the one file."""
    if path.is_dir():
        return sorted((one for one in path.iterdir() if one.suffix in CHECKPOINTS), key=_natural)
    return [path] if path.suffix in CHECKPOINTS and path.is_file() else []


def _natural(path: Path) -> list[tuple[int, int, str]]:
    pieces = re.findall(r"\d+|\D", path.name)
    return [(0, int(one), "") if one.isdigit() else (1, 0, one) for one in pieces]


def _folder(path: Path, truth: GroundTruth, model: str, score: str) -> Callable[[], Found]:
    return lambda: read_openpose_folder(path, truth, model, score)


def _file(path: Path, truth: GroundTruth) -> Callable[[], Found]:
    return lambda: read_coco_results(path, truth)


def _detections(path: Path, truth: GroundTruth) -> Callable[[], Found]:
    return lambda: read_lip_detections(path, truth)


def _unknown(path: Path) -> InputError | UsageError:
    if not path.exists():
        return InputError("there is no such file or folder", where=str(path))
    return UsageError(
        "is nothing that can be judged", where=str(path),
        hint=f"wanted: a folder of *{ENDING}, a .json file of COCO results, LIP's .csv, a weights "
        f"file ({', '.join(CHECKPOINTS)}), a folder of them, or a model's name",
    )  # fmt: skip


def with_preset(flags: dict[str, Any], preset: dict[str, Any]) -> dict[str, Any]:
    """The flags with a preset; what was typed, other than a default, stands."""
    usual = Settings()
    changed = dict(flags)
    for name, value in preset.items():
        if changed.get(name, getattr(usual, name)) == getattr(usual, name):
            larger = flags.get("model_pose") == "BODY_135" and name == "net_resolution"
            changed[name] = LARGER[value] if larger else value
    return changed
