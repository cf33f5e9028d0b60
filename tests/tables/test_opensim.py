"""Files for OpenSim, read by OpenSim."""

from pathlib import Path

import numpy as np
import pytest

from openpose_py.stages.writers.json_people import JsonFields, people_json
from openpose_py.tables.convert import Wish, convert
from openpose_py.zoo.skeletons import read_skeleton

opensim = pytest.importorskip("opensim", reason="OpenSim's package is not installed")
PARTS = read_skeleton("BODY_25").parts
FRAMES, FPS, METRES = 40, 25.0, 0.002


@pytest.fixture(scope="module", autouse=True)
def silence() -> None:
    opensim.Logger.setLevelString("Error")
    opensim.Logger.removeFileSink()


@pytest.fixture
def folder(tmp_path) -> Path:
    """Two people with ids 7 and 3; the right knee of the first bends by a degree a frame and is
    not found in frames 10 to 19; the second is there from frame 5 on."""
    source = tmp_path / "out"
    source.mkdir()
    for frame in range(FRAMES):
        people = np.stack([standing(100, frame), standing(400, 0)])[: 1 + (frame >= 5)]
        if 10 <= frame < 20:
            people[0, PARTS.index("RAnkle")] = 0
        fields = JsonFields(people, person_ids=np.array([7, 3])[: len(people)])
        (source / f"walk_{frame:012d}_keypoints.json").write_bytes(people_json(fields))
    return source


def standing(x: float, degrees: float) -> np.ndarray:
    """float32 (25, 3): from the side, looking to the right."""
    place = dict.fromkeys(PARTS, (x, 200.0))
    place.update(Neck=(x, 100), Nose=(x + 20, 80), MidHip=(x, 200))
    for side in "RL":
        turned = np.radians(degrees if side == "R" else 0)
        ankle = (x - 50 * np.sin(turned), 250 + 50 * np.cos(turned))
        for part, point in (
            ("Shoulder", (x, 100)), ("Elbow", (x, 140)), ("Wrist", (x, 180)), ("Knee", (x, 250)),
            ("Ankle", ankle),
        ):  # fmt: skip
            place[f"{side}{part}"] = point
    return np.array([(*place[part], 0.9) for part in PARTS], np.float32)


def test_opensim_reads_the_markers(folder, tmp_path):
    assert convert(folder, Wish("trc", frames_a_second=FPS, scale=METRES)) == 0
    files = sorted((tmp_path / "out_trc").iterdir())
    assert [file.name for file in files] == ["walk_person3.trc", "walk_person7.trc"]
    table = opensim.TimeSeriesTableVec3(str(files[1]))
    assert (table.getNumRows(), list(table.getColumnLabels())) == (FRAMES, list(PARTS))
    assert table.getTableMetaDataString("Units") == "m"
    assert np.allclose(table.getIndependentColumn(), np.arange(FRAMES) / FPS)
    for frame in range(FRAMES):
        row, wanted = table.getRowAtIndex(frame), standing(100, frame)
        for number in range(len(PARTS)):
            x, y, _ = wanted[number]
            hidden = PARTS[number] == "RAnkle" and 10 <= frame < 20
            point = [np.nan] * 3 if hidden else [x * METRES, (300 - y) * METRES, 0]
            assert np.allclose(row[number].to_numpy(), point, atol=2e-6, equal_nan=True)
    markers = opensim.MarkerData(str(files[0]))
    assert markers.getNumFrames() == FRAMES - 5 and markers.getDataRate() == FPS
    assert markers.getUnits().getLabel() == "meters"
    assert markers.getStartFrameTime() == pytest.approx(5 / FPS)


def test_opensim_reads_the_motion(folder, tmp_path, caplog):
    assert convert(folder, Wish("mot", frames_a_second=FPS)) == 0
    assert "10 of 360 values were not seen and are interpolated" in caplog.text
    path = str(tmp_path / "out_mot" / "walk_person7.mot")
    storage = opensim.Storage(path)
    assert storage.isInDegrees() and storage.getSize() == FRAMES
    table = opensim.TimeSeriesTable(path)
    assert np.allclose(table.getIndependentColumn(), np.arange(FRAMES) / FPS)
    knee = table.getDependentColumn("knee_angle_r").to_numpy()
    assert np.allclose(knee, np.arange(FRAMES), atol=0.01)
    for name in ("knee_angle_l", "hip_flexion_r", "arm_flex_l", "elbow_flex_r", "pelvis_tilt"):
        assert np.allclose(table.getDependentColumn(name).to_numpy(), 0, atol=0.01)


def test_points_in_space_are_markers_in_space(tmp_path):
    source = tmp_path / "out"
    source.mkdir()
    space = np.concatenate([standing(100, 0)[:, :2], np.full((25, 1), 3), np.ones((25, 1))], 1)
    fields = JsonFields(standing(100, 0)[None], pose_3d=space[None].astype(np.float32))
    (source / "walk_000000000000_keypoints.json").write_bytes(people_json(fields))
    assert convert(source, Wish("trc", frames_a_second=FPS)) == 0
    table = opensim.TimeSeriesTableVec3(str(tmp_path / "out_trc" / "walk_person0.trc"))
    assert table.getRowAtIndex(0)[PARTS.index("Neck")].to_numpy().tolist() == [100, 200, -3]


def test_people_without_ids_are_told_apart_by_their_places_and_that_is_said(tmp_path, caplog):
    source = tmp_path / "out"
    source.mkdir()
    people = np.stack([standing(100, 0), standing(400, 0)])
    (source / "a_000000000000_keypoints.json").write_bytes(people_json(JsonFields(people)))
    assert convert(source, Wish("mot", frames_a_second=FPS)) == 0
    assert "no ids" in caplog.text
    names = sorted(path.name for path in (tmp_path / "out_mot").iterdir())
    assert names == ["a_person0.mot", "a_person1.mot"]
