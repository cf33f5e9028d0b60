"""Folders of JSON as OpenSim's files, one a person: .trc (markers) and .mot (angles of joints)."""

import logging
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from openpose_py.errors import InputError, UsageError
from openpose_py.stages.writers.whole_file import output_folder
from openpose_py.tables.angles import ANGLES, angles_of
from openpose_py.tables.columns import EMPTY
from openpose_py.tables.growing import growing
from openpose_py.tables.parse import Batch
from openpose_py.tables.poses import Poses, has_space, poses_of
from openpose_py.tables.rows import MICROSECOND, Scale
from openpose_py.tables.tracks import Person, Tracks

log = logging.getLogger(__name__)

TRC_COLUMNS = (
    "DataRate", "CameraRate", "NumFrames", "NumMarkers", "Units", "OrigDataRate",
    "OrigDataStartFrame", "OrigNumFrames",
)  # fmt: skip
UPRIGHT = np.array([1, -1, -1])  # OpenSim's y points up, OpenPose's down; both are right-handed
# coordinates of OpenSim's models that are these angles; its pelvis tilts backwards
COORDINATES = {
    "pelvis_tilt": ("Trunk", -1), "hip_flexion_r": ("RHip", 1), "knee_angle_r": ("RKnee", 1),
    "hip_flexion_l": ("LHip", 1), "knee_angle_l": ("LKnee", 1), "arm_flex_r": ("RShoulder", 1),
    "elbow_flex_r": ("RElbow", 1), "arm_flex_l": ("LShoulder", 1), "elbow_flex_l": ("LElbow", 1),
}  # fmt: skip


def write_trc(batches: Iterable[Batch], folder: Path, scale: Scale, model: str) -> list[Path]:
    """Markers in metres, y up from the lowest point that was found in the video, one file a
    person; points in space where there are any. scale.length 0: not known, for these only."""
    paths = []
    with Tracks() as tracks:
        parts, ground = _collect_markers(batches, tracks, scale, model)
        _tell(tracks)
        for person, frames, values in tracks.all():
            points = values.reshape(len(values), len(parts), 3) - [0, ground[person.video], 0]
            path = _path(folder, person, "trc")
            with growing(path) as temporary:
                _write_trc_file(temporary, path.name, frames, points, parts, scale)
            paths.append(path)
    return paths


def _collect_markers(
    batches: Iterable[Batch], tracks: Tracks, scale: Scale, model: str
) -> tuple[tuple[str, ...], dict[str, float]]:
    """Names of the markers, and each video's lowest point."""
    parts: tuple[str, ...] = ()
    ground: dict[str, float] = {}
    in_space = False
    for batch in batches:
        in_space = in_space or (not parts and has_space(batch))
        poses = poses_of(batch, model, in_space)
        if poses is None:
            continue
        if not in_space and not scale.length:
            raise UsageError("needs --scale, how many metres a pixel is", where="--to trc")
        if parts and parts != poses.skeleton.parts:
            raise InputError(f"people of {poses.skeleton.name} and others")
        parts = poses.skeleton.parts
        tracks.nameless |= poses.nameless
        points = _metres(poses, scale.length or 1.0)
        for person, rows, frames in _people_of(batch, poses):
            tracks.add(person, frames, points[rows].reshape(len(rows), -1))
            lowest = np.nanmin(points[rows][:, :, 1], initial=np.inf)
            ground[person.video] = min(ground.get(person.video, np.inf), lowest)
    return parts, {video: y if np.isfinite(y) else 0.0 for video, y in ground.items()}


def _tell(tracks: Tracks) -> None:
    if tracks.nameless:
        log.warning("several people and no ids: person1 is whoever stands second in a file")


def _metres(poses: Poses, length: float) -> np.ndarray:
    """float64 (people, parts, 3); not a number where a point was not found."""
    points = np.zeros((*poses.points.shape[:2], 3))
    points[:, :, : poses.points.shape[2] - 1] = poses.points[:, :, :-1]
    points *= UPRIGHT * length
    points += 0.0  # no -0
    points[~(poses.points[:, :, -1] > 0)] = np.nan
    return points


def _people_of(batch: Batch, poses: Poses) -> Iterator[tuple[Person, np.ndarray, np.ndarray]]:
    """Everyone with the rows of `poses` that are theirs, and the frames."""
    named = np.where(poses.person_id == EMPTY, poses.person, poses.person_id)
    videos = [batch.files[file].video for file in poses.file]
    for video, name in dict.fromkeys(zip(videos, named.tolist(), strict=True)):
        rows = np.flatnonzero((named == name) & (np.array(videos) == video))
        files = [batch.files[file] for file in poses.file[rows]]
        frames = [file.frame for file in files if file.frame is not None]
        if len(frames) < len(files):
            raise InputError("is a picture, so it has no time", where=files[0].path)
        yield Person(video, f"person{name}"), rows, np.array(frames)


def _path(folder: Path, person: Person, ending: str) -> Path:
    path = folder / f"{person.video}_{person.name}.{ending}"
    output_folder(str(path.parent))
    return path


def _write_trc_file(
    path: Path,
    name: str,
    frames: np.ndarray,
    points: np.ndarray,
    parts: tuple[str, ...],
    scale: Scale,
) -> None:
    """points: (frames, parts, 3) in metres; points that were not found are NaN."""
    rate = f"{scale.frames_a_second:g}"
    values = (rate, rate, len(frames), len(parts), "m", rate, frames[0] + 1, len(frames))
    axes = (f"{axis}{number + 1}" for number in range(len(parts)) for axis in "XYZ")
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(f"PathFileType\t4\t(X/Y/Z)\t{name}\n")
        file.write("\t".join(TRC_COLUMNS) + "\n" + "\t".join(map(str, values)) + "\n")
        file.write("Frame#\tTime\t" + "\t\t\t".join(parts) + "\t\t\n")
        file.write("\t\t" + "\t".join(axes) + "\n\n")
        for frame, row in zip(frames.tolist(), points, strict=True):
            cells = ["NaN" if value != value else f"{value:.6f}" for value in row.ravel().tolist()]
            file.write(f"{frame + 1}\t{_time(frame, scale)}\t" + "\t".join(cells) + "\n")


def _time(frame: int, scale: Scale) -> float:
    return round(frame / scale.frames_a_second, MICROSECOND)


def write_mot(batches: Iterable[Batch], folder: Path, scale: Scale, model: str) -> list[Path]:
    """Angles in degrees under the names of OpenSim's coordinates, one file a person. Angles that
    are not known at times are interpolated, those that never are have no column."""
    paths = []
    with Tracks() as tracks:
        for batch in batches:
            poses = poses_of(batch, model)
            if poses is not None:
                degrees, _ = angles_of(poses.points, poses.skeleton)
                tracks.nameless |= poses.nameless
                for person, rows, frames in _people_of(batch, poses):
                    tracks.add(person, frames, degrees[rows])
        _tell(tracks)
        for person, frames, values in tracks.all():
            path = _path(folder, person, "mot")
            columns = _columns(frames, values, path)
            if columns:
                with growing(path) as temporary:
                    _write_mot_file(temporary, path.stem, frames, columns, scale)
                paths.append(path)
    return paths


def _columns(frames: np.ndarray, values: np.ndarray, path: Path) -> dict[str, np.ndarray]:
    """Of each coordinate that was ever seen, the degrees over time without gaps or jumps."""
    columns = {}
    filled = 0
    for name, (angle, sign) in COORDINATES.items():
        column = sign * values[:, ANGLES.index(angle)]
        seen = ~np.isnan(column)
        if seen.any():
            smooth = np.unwrap(column[seen], period=360)
            columns[name] = np.interp(frames, frames[seen], smooth)
            filled += int((~seen).sum())
    if filled:
        count = len(values) * len(columns)
        log.warning("%s: %d of %d values were not seen and are interpolated", path, filled, count)
    return columns


def _write_mot_file(
    path: Path, name: str, frames: np.ndarray, columns: dict[str, np.ndarray], scale: Scale
) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(f"{name}\nversion=1\nnRows={len(frames)}\nnColumns={len(columns) + 1}\n")
        file.write("inDegrees=yes\nendheader\n" + "\t".join(["time", *columns]) + "\n")
        table = np.column_stack(list(columns.values()))
        for frame, row in zip(frames.tolist(), table, strict=True):
            cells = (f"{value:.6f}" for value in row.tolist())
            file.write(f"{_time(frame, scale)}\t" + "\t".join(cells) + "\n")
