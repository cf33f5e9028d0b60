"""Stage 5 of 5: results -> files. Keypoints as JSON, byte for byte as OpenPose writes them."""

import dataclasses
import functools
from pathlib import Path

import numpy as np

from openpose_py.records import Peaks, Result
from openpose_py.stages.writers.whole_file import write_whole

UNKNOWN_ID = -1


@dataclasses.dataclass(frozen=True, slots=True)
class JsonFields:
    """What one file says. Arrays are float32 (people, parts, 3: x, y, score), the 3-D ones
    (people, parts, 4: x, y, z, 1 or 0). None: not looked for, "[]" in the file.

    person_ids: (people,). candidates: x and y in the same coordinates as the keypoints. raw_pose
    (people, parts, 3) and pose_filled, bool (people, parts): before and by --smooth, at the end of
    each person; they may have more parts than `pose` keeps, and None leaves them out.
    """

    pose: np.ndarray | None = None
    face: np.ndarray | None = None
    hand_left: np.ndarray | None = None
    hand_right: np.ndarray | None = None
    pose_3d: np.ndarray | None = None
    face_3d: np.ndarray | None = None
    hand_left_3d: np.ndarray | None = None
    hand_right_3d: np.ndarray | None = None
    person_ids: np.ndarray | None = None
    candidates: Peaks | None = None
    raw_pose: np.ndarray | None = None
    pose_filled: np.ndarray | None = None


ENDING = "_keypoints.json"  # of a file's name, behind the frame's
KEYS = {  # in the order of the file
    "pose_keypoints_2d": "pose",
    "face_keypoints_2d": "face",
    "hand_left_keypoints_2d": "hand_left",
    "hand_right_keypoints_2d": "hand_right",
    "pose_keypoints_3d": "pose_3d",
    "face_keypoints_3d": "face_3d",
    "hand_left_keypoints_3d": "hand_left_3d",
    "hand_right_keypoints_3d": "hand_right_3d",
}


class JsonPeople:
    """Writes `<folder>/<frame name>_keypoints.json` for each result."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, result: Result) -> None:
        path = self.folder / f"{result.frame.file_stem('keypoints')}.json"
        write_whole(path, people_json(_fields_of(result)))

    def close(self) -> None:
        """Nothing to do: every file is complete as soon as it is there."""


def _fields_of(result: Result) -> JsonFields:
    hand_left, hand_right = (None, None) if result.hands is None else result.hands
    hand_left_3d, hand_right_3d = (None, None) if result.hands_3d is None else result.hands_3d
    return JsonFields(
        pose=result.people.keypoints,
        face=result.faces,
        hand_left=hand_left,
        hand_right=hand_right,
        pose_3d=result.pose_3d,
        face_3d=result.face_3d,
        hand_left_3d=hand_left_3d,
        hand_right_3d=hand_right_3d,
        person_ids=result.person_ids,
        candidates=result.candidates,
        raw_pose=result.raw_pose,
        pose_filled=result.pose_filled,
    )


def people_json(fields: JsonFields) -> bytes:
    """One line without blanks and without an end of line.

    There are as many people as the longest array has; the others lack the last of them.
    """
    arrays = {key: _rows(getattr(fields, name)) for key, name in KEYS.items()}
    ids = _rows(fields.person_ids)
    count = max(len(ids), *(len(array) for array in arrays.values()))
    people = ",".join(
        f"{{{_person(number, arrays, ids)}{_smoothing(number, fields)}}}" for number in range(count)
    )
    candidates = "" if fields.candidates is None else _part_candidates(fields.candidates)
    return f'{{"version":1.3,"people":[{people}]{candidates}}}'.encode("ascii")


def _rows(array: np.ndarray | None) -> np.ndarray:
    return np.zeros(0, np.float32) if array is None else array


def _person(number: int, arrays: dict[str, np.ndarray], ids: np.ndarray) -> str:
    identity = ids[number] if number < len(ids) else UNKNOWN_ID
    rows = [f'"person_id":[{number_text(np.array([identity]))}]']
    for key, array in arrays.items():
        values = number_text(array[number]) if number < len(array) else ""
        rows.append(f'"{key}":[{values}]')
    return ",".join(rows)


def _smoothing(number: int, fields: JsonFields) -> str:
    """What OpenPose has not: only there with --smooth."""
    raw, filled = fields.raw_pose, fields.pose_filled
    if raw is None or filled is None or number >= len(raw):
        return ""
    parts = raw.shape[1] if fields.pose is None else fields.pose.shape[1]
    return (
        f',"pose_keypoints_2d_raw":[{number_text(raw[number, :parts])}]'
        f',"pose_filled":[{number_text(filled[number, :parts])}]'
    )


def _part_candidates(peaks: Peaks) -> str:
    parts = (f'"{part}":[{number_text(peaks.of(part))}]' for part in range(peaks.parts))
    return f',"part_candidates":[{{{",".join(parts)}}}]'


def number_text(values: np.ndarray) -> str:
    """With commas: six significant digits of each float32 value, as a C++ stream writes them; of
    ids too."""
    return _format(values.size) % tuple(values.astype(np.float32).ravel().tolist())


@functools.cache
def _format(count: int) -> str:
    return ",".join(["%.6g"] * count)
