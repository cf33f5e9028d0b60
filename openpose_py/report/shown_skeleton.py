"""What the page knows of a skeleton: names, lines, colours, groups to switch, measures."""

from typing import Any

import numpy as np

from openpose_py.errors import InputError, UsageError
from openpose_py.report.measures import plots_of, trunk_of
from openpose_py.zoo.cards import card_named
from openpose_py.zoo.folder import models_folder
from openpose_py.zoo.skeletons import Skeleton, read_skeleton

FIRST_CHOICE = ("BODY_25", "COCO", "MPI")  # of the skeletons that have equally many parts
GROUPS = {  # words in the names of parts; the first that fits
    "Hands": ("Thumb", "Index", "Middle", "Ring", "Pinky"),
    "Face": ("Contour", "Brow", "NoseUpper", "NoseLower", "Mouth", "Pupil",
             *(f"Eye{number}" for number in range(6))),
    "Head": ("Nose", "Eye", "Ear", "Head"),
    "Trunk": ("Neck", "MidHip", "Chest", "Shoulder", "Hip"),
    "Arms": ("Elbow", "Wrist"),
    "Legs": ("Knee", "Ankle"),
    "Feet": ("Toe", "Heel"),
}  # fmt: skip
FINE = ("Face", "Hands")  # drawn thinner
EXTRAS = (("Face", "face", ""), ("Hands", "hand", "Left "), ("Hands", "hand", "Right "))


def skeleton_named(model_pose: str, parts: int) -> Skeleton:
    """That of a --model_pose name; "": by the number of parts in the files."""
    if not model_pose:
        return _skeleton_with(parts)
    skeleton = read_skeleton(card_named(model_pose).skeleton)
    if parts and len(skeleton.parts) != parts and skeleton.name != "BODY_135":
        raise UsageError(
            f"{model_pose} has {len(skeleton.parts)} parts, the files have {parts}",
            where="--model_pose", hint="leave it out: the number of parts tells",
        )  # fmt: skip
    return _skeleton_with(parts, ("BODY_25B",)) if skeleton.name == "BODY_135" else skeleton


def _skeleton_with(parts: int, first: tuple[str, ...] = FIRST_CHOICE) -> Skeleton:
    others = sorted(path.stem for path in (models_folder() / "skeletons").glob("[A-Z]*.toml"))
    for name in (*first, *others):
        skeleton = read_skeleton(name)
        if len(skeleton.parts) == parts or not parts:
            return skeleton
    raise InputError(f"no skeleton has {parts} parts", where="pose_keypoints_2d")


def shown(skeleton: Skeleton, points: tuple[int, ...]) -> dict[str, Any]:
    """points: of body, face, left and right hand; 0 where there are none."""
    body = points[0] > 0
    parts = [spoken(part) for part in skeleton.parts] if body else []
    lines = skeleton.draw.tolist() if body else []
    colours = [skeleton.colours] if body else []
    groups = _groups(skeleton.parts) if body else {}
    for count, (group, name, prefix) in zip(points[1:], EXTRAS, strict=True):
        extra = read_skeleton(name)
        if not count:
            continue
        if count != len(extra.parts):
            raise InputError(f"a {name} has {len(extra.parts)} points, not {count}")
        first = len(parts)
        lines += (extra.draw + first).tolist()
        colours.append(extra.colours)
        groups.setdefault(group, []).extend(range(first, first + count))
        parts += [f"{prefix}{spoken(part)}" if prefix else part for part in extra.parts]
    return {
        "model": skeleton.name if body else "",
        "parts": parts,
        "bodyParts": len(parts) - sum(len(groups.get(group, [])) for group in FINE),
        "lines": lines,
        "colours": ["#" + bytes(row.tolist()).hex() for row in np.concatenate(colours)],
        "groups": [{"name": name, "parts": group} for name, group in groups.items()],
        "plots": plots_of(skeleton.parts) if body else [],
        "trunk": trunk_of(skeleton.parts) if body else None,
    }


def spoken(part: str) -> str:
    """LBigToe: Left big toe."""
    side = {"L": "Left ", "R": "Right "}.get(part[0], "") if part[1:2].isupper() else ""
    rest = part[1:] if side else part
    words = "".join(f" {c.lower()}" if c.isupper() else c for c in rest).strip()
    return side + words if side else words[:1].upper() + words[1:]


def _groups(parts: tuple[str, ...]) -> dict[str, list[int]]:
    groups: dict[str, list[int]] = {}
    for number, part in enumerate(parts):
        fitting = [name for name, words in GROUPS.items() if any(word in part for word in words)]
        groups.setdefault(fitting[0] if fitting else "Others", []).append(number)
    return groups
