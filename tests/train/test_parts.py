import numpy as np
import pytest

from openpose_py.train.adapters import FORMATS
from openpose_py.train.parts import (
    mirror_of,
    onto_parts,
    small_parts,
    sources_of,
    unknown_onto_parts,
)
from openpose_py.zoo.skeletons import read_skeleton

TRAINED = ("BODY_25", "BODY_25B", "BODY_135", "COCO")


def names_of(skeleton: str, data: str, part: str) -> list[str]:
    read = read_skeleton(skeleton)
    numbers = sources_of(read, FORMATS[data])[read.parts.index(part)]
    return [FORMATS[data][n] for n in numbers]


@pytest.mark.parametrize("name", TRAINED)
def test_mirroring_twice_changes_nothing(name: str) -> None:
    mirror = mirror_of(read_skeleton(name).parts)
    assert (mirror[mirror] == np.arange(len(mirror))).all()
    assert (mirror != np.arange(len(mirror))).sum() > 10


@pytest.mark.parametrize(
    ("part", "other"),
    [
        ("LWrist", "RWrist"), ("Nose", "Nose"), ("LIndex2PIP", "RIndex2PIP"),
        ("FaceContour3", "FaceContour13"), ("FaceContour8", "FaceContour8"),
        ("REye0", "LEye3"), ("REye4", "LEye5"), ("LEye", "REye"), ("REyeBrow1", "LEyeBrow1"),
        ("NoseLower0", "NoseLower4"), ("NoseUpper2", "NoseUpper2"), ("OMouth0", "OMouth6"),
        ("OMouth7", "OMouth11"), ("OMouth3", "OMouth3"), ("IMouth5", "IMouth7"),
        ("LPupil", "RPupil"),
    ],
)  # fmt: skip
def test_parts_mirror_as_a_face_and_a_body_do(part: str, other: str) -> None:
    parts = read_skeleton("BODY_135").parts
    assert parts[mirror_of(parts)[parts.index(part)]] == other


def test_body_25_has_its_neck_between_the_shoulders() -> None:
    assert names_of("BODY_25", "coco", "Neck") == ["LShoulder", "RShoulder"]
    assert names_of("BODY_25", "coco", "MidHip") == ["LHip", "RHip"]


def test_body_25b_takes_its_neck_from_mpii_only() -> None:
    assert names_of("BODY_25B", "coco", "Neck") == []
    assert names_of("BODY_25B", "mpii", "Neck") == ["UpperNeck"]
    assert names_of("BODY_135", "mpii", "UpperNeck") == ["UpperNeck"]


def test_a_face_alone_gives_eyes_and_nose() -> None:
    assert names_of("BODY_135", "pts", "LEye") == [f"LEye{n}" for n in range(6)]
    assert len(names_of("BODY_135", "coco_face70", "Nose")) == 8
    assert names_of("BODY_135", "coco_wholebody", "LEye") == ["LEye"]


def test_a_mean_needs_all_its_points_and_is_unknown_with_some() -> None:
    points = np.array([[(2, 4, 1), (4, 8, 0.5)], [(2, 4, 1), (0, 0, 0)], [(0, 0, 0)] * 2], "f4")
    sources = [(0, 1), (1,), ()]
    assert onto_parts(points, sources)[0].tolist() == [[3, 6, 0.5], [4, 8, 0.5], [0, 0, 0]]
    assert onto_parts(points, sources)[1].tolist() == [[0, 0, 0]] * 3
    unknown = unknown_onto_parts(points, np.zeros((3, 2), bool), sources)
    assert unknown.tolist() == [[False] * 3, [True, False, False], [False] * 3]


def test_only_hands_and_faces_have_small_gaussians() -> None:
    parts, small = read_skeleton("BODY_135").parts, small_parts(read_skeleton("BODY_135"))
    assert small.sum() == 110
    assert not small[parts.index("LEye")]
    assert small[parts.index("LEye0")]
    assert not small_parts(read_skeleton("BODY_25B")).any()
