import json
import struct
import tarfile
import zlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from openpose_py.errors import InputError, UsageError
from openpose_py.train.adapters import FORMATS, read_data
from openpose_py.train.pictures import Picture, decoded
from openpose_py.train.recipe import DataRow
from openpose_py.zoo.skeletons import read_skeleton

PARTS = read_skeleton("BODY_25B").parts


def picture_file(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.zeros((40, 60, 3), np.uint8))


def read(tmp_path: Path, skeleton: str = "BODY_25B", **row: Any) -> list[Picture]:
    return read_data(DataRow(**row), tmp_path, read_skeleton(skeleton))


def write(path: Path, table: object) -> None:
    path.write_text(json.dumps(table))


def at(picture: Picture, part: str, person: int = 0, skeleton: str = "BODY_25B") -> list[float]:
    return picture.points[person, read_skeleton(skeleton).parts.index(part)].tolist()


def coco_person(count: int, **more: object) -> dict[str, object]:
    keypoints = [value for n in range(count) for value in (n, 2 * n, 2)]
    return {"image_id": 1, "category_id": 1, "keypoints": keypoints, "bbox": [1, 2, 30, 20], **more}


def coco(tmp_path: Path, *people: dict[str, object]) -> None:
    picture_file(tmp_path / "p" / "one.png")
    images = [{"id": 1, "file_name": "one.png"}, {"id": 2, "file_name": "nobody.png"}]
    write(tmp_path / "a.json", {"images": images, "annotations": people})


COCO = {"annotations": "a.json", "pictures": "p"}


def test_coco_people_and_those_without_points(tmp_path: Path) -> None:
    blank = coco_person(17, segmentation=[[0, 0, 9, 0, 9, 9]]) | {"keypoints": [0] * 51}
    coco(tmp_path, coco_person(17), blank)
    (found,) = read(tmp_path, format="coco", **COCO)
    assert at(found, "LEye") == [1, 2, 1]
    assert at(found, "LBigToe") == [0, 0, 0]
    assert found.boxes.tolist() == [[1, 2, 30, 20]]
    assert [ring.tolist() for ring in found.unlabelled] == [[[0, 0], [9, 0], [9, 9]]]
    silent = {part for part, flag in zip(PARTS, found.silent, strict=True) if flag}
    assert silent == set(PARTS[17:])


def test_a_crowd_in_run_lengths_becomes_polygons(tmp_path: Path) -> None:
    runs = {"counts": [405, 20, 20, 20, 40 * 60 - 465], "size": [40, 60]}
    coco(tmp_path, coco_person(17), coco_person(17, iscrowd=1, segmentation=runs))
    (found,) = read(tmp_path, format="coco", **COCO)
    (ring,) = found.unlabelled
    assert ring.min(axis=0).tolist() == [10, 5]
    assert ring.max(axis=0).tolist() == [11, 24]


def test_feet_follow_the_17_points(tmp_path: Path) -> None:
    coco(tmp_path, coco_person(23))
    (found,) = read(tmp_path, format="coco_foot", **COCO)
    assert at(found, "LBigToe") == [17, 34, 1]
    assert at(found, "RHeel") == [22, 44, 1]


def test_a_flag_of_3_means_unknown(tmp_path: Path) -> None:
    person = coco_person(17)
    person["keypoints"][5 * 3 + 2] = 3  # type: ignore[index]
    coco(tmp_path, person)
    (found,) = read(tmp_path, format="coco", **COCO)
    assert found.unknown[0].nonzero()[0].tolist() == [PARTS.index("LShoulder")]
    assert at(found, "LShoulder") == [0, 0, 0]


def test_whole_body_lists_are_read_and_invalid_ones_unknown(tmp_path: Path) -> None:
    person = coco_person(17, foot_kpts=[5, 6, 2] * 6, face_kpts=[7, 8, 1] * 68, face_valid=True)
    hands = {"lefthand_kpts": [0] * 63, "lefthand_valid": False, "righthand_kpts": [3, 4, 1] * 21}
    coco(tmp_path, person | hands)
    (found,) = read(tmp_path, "BODY_135", format="coco_wholebody", **COCO)
    assert at(found, "LHeel", skeleton="BODY_135") == [5, 6, 1]
    assert at(found, "FaceContour4", skeleton="BODY_135") == [7, 8, 1]
    assert at(found, "RIndex1Knuckles", skeleton="BODY_135") == [3, 4, 1]
    assert at(found, "LWrist", skeleton="BODY_135") == [9, 18, 1]
    parts = read_skeleton("BODY_135").parts
    unknown = {parts[n] for n in found.unknown[0].nonzero()[0]}
    assert unknown == set(parts[25:45])


def test_the_right_number_of_points_is_wanted(tmp_path: Path) -> None:
    coco(tmp_path, coco_person(17))
    with pytest.raises(InputError, match="17 points, wanted 136"):
        read(tmp_path, format="halpe", **COCO)


def test_mpii_counts_from_1_and_teaches_only_round_its_people(tmp_path: Path) -> None:
    picture_file(tmp_path / "p" / "m.jpg")
    joints = [[n + 1, 2 * n + 1] for n in range(16)]
    row = {"image": "m.jpg", "joints": joints, "joints_vis": [1] * 15 + [0]}
    write(tmp_path / "a.json", [row, row])
    (found,) = read(tmp_path, format="mpii", parts=("LShoulder", "Neck"), **COCO)
    assert len(found.points) == 2
    assert at(found, "Neck") == [8, 16, 1]
    assert at(found, "RKnee") == [0, 0, 0]
    assert len(found.unlabelled) == 1
    assert len(found.labelled) == 2
    assert found.silent.sum() == 23


@pytest.mark.parametrize("extension", [False, True])
def test_leeds_sports_joints(tmp_path: Path, extension: bool) -> None:
    table = np.zeros((14, 3, 2))
    table[..., 0, :], table[..., 1, :] = 11, np.arange(14)[:, None] + 1
    table[..., 2, :] = 1 if extension else 0
    if extension:
        table[3, 2, 1] = 0
    picture_file(tmp_path / "p" / ("im00002.jpg" if extension else "im0002.jpg"))
    array = table if extension else table.transpose(1, 0, 2)
    (tmp_path / "joints.mat").write_bytes(mat_file("joints", array))
    (found,) = read(tmp_path, format="lsp", annotations="joints.mat", pictures="p")
    assert at(found, "RAnkle") == [10, 0, 1]
    assert at(found, "HeadTop") == [10, 13, 1]
    assert at(found, "LHip") == ([0, 0, 0] if extension else [10, 3, 1])


def mat_file(name: str, array: np.ndarray) -> bytes:
    """A compressed MATLAB 5 file with one array of doubles."""

    def element(kind: int, data: bytes) -> bytes:
        return struct.pack("<II", kind, len(data)) + data + bytes(-len(data) % 8)

    parts = [
        element(6, struct.pack("<II", 6, 0)),
        element(5, struct.pack(f"<{array.ndim}i", *array.shape)),
        element(1, name.encode()),
        element(9, array.astype("<f8").tobytes(order="F")),
    ]
    packed = zlib.compress(element(14, b"".join(parts)))
    return bytes(128) + struct.pack("<II", 15, len(packed)) + packed


def test_look_into_person(tmp_path: Path) -> None:
    picture_file(tmp_path / "p" / "l.jpg")
    cells = [text for n in range(16) for text in (str(n), str(n), "0")]
    cells[0] = cells[1] = "nan"
    (tmp_path / "a.csv").write_text(",".join(["l.jpg", *cells]) + "\n")
    (found,) = read(tmp_path, format="lip", annotations="a.csv", pictures="p")
    assert at(found, "RKnee") == [1, 1, 1]
    assert at(found, "RAnkle") == [0, 0, 0]


def test_a_single_hand_leaves_the_other_unknown(tmp_path: Path) -> None:
    picture_file(tmp_path / "hands" / "h.jpg")
    hand = [[n + 1, n + 2, 1] for n in range(21)]
    write(tmp_path / "hands" / "h.json", {"hand_pts": hand, "is_left": 1})
    (found,) = read(tmp_path, "BODY_135", format="mpii_hands", annotations="hands")
    assert at(found, "LWrist", skeleton="BODY_135") == [1, 2, 1]
    assert at(found, "LThumb1CMC", skeleton="BODY_135") == [2, 3, 1]
    assert found.unknown[0].sum() == 21
    assert not found.silent[read_skeleton("BODY_135").parts.index("RWrist")]


def test_hands_of_the_dome_are_right_hands(tmp_path: Path) -> None:
    picture_file(tmp_path / "p" / "d.jpg")
    rows = [{"img_paths": "p/d.jpg", "joint_self": [[5, 6, 1], *[[7, 8, 1]] * 20]}]
    write(tmp_path / "a.json", {"root": rows})
    (found,) = read(tmp_path, "BODY_135", format="dome_hands", **COCO)
    assert at(found, "RWrist", skeleton="BODY_135") == [5, 6, 1]
    assert found.silent[read_skeleton("BODY_135").parts.index("LWrist")]


def test_faces_in_pts_files_count_from_1(tmp_path: Path) -> None:
    picture_file(tmp_path / "faces" / "a" / "f.png")
    lines = "\n".join(f"{n + 1}.0 {2 * n + 1}.0" for n in range(68))
    text = f"version: 1\nn_points: 68\n{{\n{lines}\n}}\n"
    (tmp_path / "faces" / "a" / "f.pts").write_text(text)
    (found,) = read(tmp_path, "BODY_135", format="pts", annotations="faces")
    assert at(found, "FaceContour16", skeleton="BODY_135") == [16, 32, 1]
    assert at(found, "REye", skeleton="BODY_135") == [38.5, 77, 1]


def test_a_pack_in_a_tar_file(tmp_path: Path) -> None:
    picture_file(tmp_path / "images" / "x.png")
    with tarfile.open(tmp_path / "pack.tar", "w") as tar:
        tar.add(tmp_path / "images" / "x.png", "images/x.png")
    person = {
        "bbox": [1, 1, 9, 9],
        "kp": [[3, 4, 0.5]] + [[0, 0, 0]] * 24,
        "origin": "t?" + "-" * 23,
    }
    row = {"file": "x.png", "people": [person], "ignore": [[2, 3, 4, 5]]}
    (tmp_path / "a.jsonl").write_text(json.dumps(row) + "\n")
    (found,) = read(tmp_path, format="jsonl", annotations="a.jsonl", pictures="pack.tar")
    assert at(found, "Nose") == [3, 4, 0.5]
    assert found.unknown[0].nonzero()[0].tolist() == [PARTS.index("LEye")]
    assert found.unlabelled[0].tolist() == [[2, 3], [6, 3], [6, 8], [2, 8]]
    assert decoded(found.file, found.name).shape == (40, 60, 3)


def test_pictures_without_people(tmp_path: Path) -> None:
    picture_file(tmp_path / "p" / "deep" / "n.png")
    (found,) = read(tmp_path, format="nobody", pictures="p")
    assert found.points.shape == (0, 25, 3)


def test_mistakes_are_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="did you mean coco_foot"):
        read(tmp_path, format="coco_feet", **COCO)
    with pytest.raises(UsageError, match="no part 'Nase'"):
        read(tmp_path, format="coco", parts=("Nase",), **COCO)
    with pytest.raises(InputError, match="no such folder or tar file"):
        read(tmp_path, format="coco", **COCO)
    (tmp_path / "p").mkdir()
    (tmp_path / "a.json").write_text("{")
    with pytest.raises(InputError, match=r"a\.json"):
        read(tmp_path, format="coco", **COCO)
    (tmp_path / "a.jsonl").write_text('{"file": "x"}\nnonsense\n')
    with pytest.raises(InputError, match="line 2"):
        read(tmp_path, format="jsonl", annotations="a.jsonl", pictures="p")


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_names_each_point_once(name: str) -> None:
    assert len(set(FORMATS[name])) == len(FORMATS[name])
