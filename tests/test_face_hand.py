"""Faces and hands through real networks whose weights copy drawn maps (`drawn.copying_network`)."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from drawn.copying_network import coded_picture, write_copying_caffemodel

from openpose_py.errors import MissingModel, ModelFileError, UsageError
from openpose_py.face_hand import FaceHand
from openpose_py.records import Frame, People
from openpose_py.settings import Settings
from openpose_py.stages.people.boxes import face_boxes, hand_boxes
from openpose_py.stages.people.hand_tracking import HandTracker
from openpose_py.zoo.cards import cards
from openpose_py.zoo.part_cards import part_card
from openpose_py.zoo.skeletons import read_skeleton

MEDIA = Path(__file__).parents[1] / "examples" / "media"
BODY_25 = read_skeleton("BODY_25")
SIDE = 64  # net pixels: 8 x 8 cells, each with a code of its own
CODES = np.arange(1, 65).reshape(8, 8)
SMALL = {"face_net_resolution": "64x64", "hand_net_resolution": "64x64"}


def cell_of(part: int) -> tuple[int, int]:
    """Column and row of the cell in which a part is drawn, one of the 36 inside: at the border the
    cubic is extrapolated and the highest pixel lies elsewhere."""
    number = part * 29 % 36
    return number % 6 + 1, number // 6 + 1


def vectors(parts: int) -> np.ndarray:
    """(65, parts + 1): what each code stands for; part n's map is 0.65 + n / 250 in its cell."""
    table = np.zeros((65, parts + 1), np.float32)
    for part in range(parts):
        column, row = cell_of(part)
        table[CODES[row, column], part] = 0.65 + part / 250
    return table


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    for name, parts in (("face", 70), ("hand", 21)):
        path = folder / part_card(name).files[0].path
        path.parent.mkdir()
        write_copying_caffemodel(path, name, vectors(parts))
    yield folder
    for path in folder.rglob("*.caffemodel"):
        path.unlink()


def finder(models: Path, boxes: dict | None = None, model: str = "BODY_25", **flags) -> FaceHand:
    settings = Settings(model_folder=str(models), device="cpu", **{**SMALL, **flags})
    return FaceHand(settings, read_skeleton(model), **(boxes or {}))


def frame_of(pixels: np.ndarray, index: int = 1) -> Frame:
    return Frame(pixels, index, "drawn", 0.0, "drawn")


def drawn(*squares: tuple[int, int, int, bool]) -> Frame:
    """A frame with the coded picture at x, y, side pixels large, perhaps mirrored."""
    pixels = np.zeros((300, 400, 3), np.uint8)
    for x, y, side, mirrored in squares:
        picture = coded_picture(CODES).repeat(side // SIDE, axis=0).repeat(side // SIDE, axis=1)
        pixels[y : y + side, x : x + side] = picture[:, ::-1] if mirrored else picture
    return frame_of(pixels)


def body(**parts: tuple[float, float]) -> People:
    keypoints = np.zeros((1, 25, 3), np.float32)
    for part, (x, y) in parts.items():
        keypoints[0, BODY_25.parts.index(part)] = x, y, 0.9
    return People(keypoints, np.ones(1, np.float32))


def check(points: np.ndarray, x: float, y: float, factor: float, mirrored: bool = False) -> None:
    """The points of one face or hand lie in the middle of their cells, with their scores.
    x, y: where the crop begins in the frame; factor: frame pixels a net pixel."""
    for part, (found_x, found_y, score) in enumerate(points):
        column, row = cell_of(part)
        across = (-1 if mirrored else 1) * factor * (8 * column + 3.5)
        assert found_x == pytest.approx(x + across, abs=0.6 * factor), part
        assert found_y == pytest.approx(y + factor * (8 * row + 3.5), abs=0.6 * factor), part
        assert score == pytest.approx(0.65 + part / 250, abs=0.02), part


NOBODY = People.nobody(25)


def test_a_face_found_by_the_body_gets_its_70_points(models):
    found = finder(models, face=True)
    frame = drawn((68, 84, 64, False))
    faces, hands = found.faces_and_hands(frame, body(Neck=(100, 132), Nose=(100, 100)))
    assert hands is None
    assert faces.shape == (1, 70, 3) and faces.dtype == np.float32
    check(faces[0], 68, 84, 1)


def test_faces_keep_their_person_and_small_ones_stay_empty(models):
    boxes = np.float32([[0, 0, 0, 0], [10, 20, 64, 64], [200, 20, 40, 40], [150, 100, 128, 128]])
    found = finder(models, {"face_boxes": lambda frame, people: boxes}, face=True)
    faces, _ = found.faces_and_hands(drawn((10, 20, 64, False), (150, 100, 128, False)), NOBODY)
    assert not faces[0].any() and not faces[2].any()
    check(faces[1], 10, 20, 1)
    check(faces[3], 150, 100, 2)


def test_left_hands_are_mirrored_and_come_first(models):
    boxes = np.float32([[[10, 20, 64, 64], [100, 20, 64, 64]], [[0] * 4, [200, 120, 128, 128]]])
    found = finder(models, {"hand_boxes": lambda frame, people: boxes}, hand=True)
    # OpenPose's mirrored crop begins one pixel right of the box
    frame = drawn((11, 20, 64, True), (100, 20, 64, False), (200, 120, 128, False))
    faces, hands = found.faces_and_hands(frame, NOBODY)
    assert faces is None
    assert hands.shape == (2, 2, 21, 3) and hands.dtype == np.float32
    check(hands[0, 0], 74, 20, 1, mirrored=True)
    check(hands[1, 0], 100, 20, 1)
    assert not hands[0, 1].any()
    check(hands[1, 1], 200, 120, 2)


def test_of_several_hand_sizes_the_one_that_sees_the_hand_best_wins(models):
    boxes = np.float32([[[0] * 4, [100, 86, 128, 128]]])  # 64 and 192 pixels are tried
    flags = {"hand": True, "hand_scale_number": 2, "hand_scale_range": 1.0}
    found = finder(models, {"hand_boxes": lambda frame, people: boxes}, **flags)
    for side in (64, 192):
        corner = 164 - side // 2, 150 - side // 2
        _, hands = found.faces_and_hands(drawn((*corner, side, False)), NOBODY)
        check(hands[1, 0], *corner, side / 64)


def test_many_crops_are_cut_into_batches_with_the_same_answer(models, monkeypatch):
    boxes = np.float32([[10 + 70 * n, 20, 64, 64] for n in range(5)])
    found = finder(models, {"face_boxes": lambda frame, people: boxes}, face=True)
    frame = drawn(*((10 + 70 * n, 20, 64, False) for n in range(5)))
    monkeypatch.setattr("openpose_py.face_hand.MOST_PIXELS", 2 * SIDE * SIDE)
    faces, _ = found.faces_and_hands(frame, NOBODY)
    for number, face in enumerate(faces):
        check(face, 10 + 70 * number, 20, 1)


def test_without_people_no_network_is_read(models):
    found = finder(models, face=True, hand=True)
    faces, hands = found.faces_and_hands(drawn(), NOBODY)
    assert faces.shape == (0, 70, 3) and hands.shape == (2, 0, 21, 3)
    assert "_engine" not in vars(found._faces._network)
    assert "_engine" not in vars(found._hands._network)


def test_boxes_that_are_not_finite_are_none(models):
    boxes = np.float32([[np.nan, 0, 64, 64], [0, np.inf, 64, 64], [0, 0, np.inf, np.inf]])
    found = finder(models, {"face_boxes": lambda frame, people: boxes}, face=True)
    faces, _ = found.faces_and_hands(drawn(), NOBODY)
    assert not faces.any()


def test_detectors_by_body_use_the_rules_of_the_body(models):
    people = body(
        Neck=(200, 150), Nose=(200, 100), LWrist=(300, 150), LElbow=(260, 150), LShoulder=(220, 150)
    )
    found = finder(models, face=True, hand=True)
    frame = drawn()
    assert np.array_equal(found._faces._boxes(frame, people), face_boxes(people.keypoints, BODY_25))
    assert np.array_equal(found._hands._boxes(frame, people), hand_boxes(people.keypoints, BODY_25))


def test_the_tracking_detector_remembers_the_hands_of_the_frame_before(models):
    # a forearm seen from the front: the box is 64 pixels round the wrist
    shoulder = 200 - 64 / 1.35, 150
    people = body(LWrist=(200, 150), LElbow=(200, 150), LShoulder=shoulder)
    found = finder(models, hand=True, hand_detector=3)
    frame = drawn((169, 118, 64, True))
    _, hands = found.faces_and_hands(frame, people)
    check(hands[0, 0], 232, 118, 1, mirrored=True)
    tracker = HandTracker()
    tracker.remember(hands, frame.index)
    boxes = found._hands._boxes(frame, people)
    assert np.array_equal(boxes, tracker.boxes(people.keypoints, BODY_25))
    assert not np.array_equal(boxes, hand_boxes(people.keypoints, BODY_25))


def test_opencvs_detector_needs_no_body(models):
    found = finder(models, face=True, face_detector=1, body=0)
    frame = frame_of(cv2.imread(str(MEDIA / "astronaut.jpg")))
    faces, _ = found.faces_and_hands(frame, NOBODY)
    assert faces.shape == (1, 70, 3)
    assert 100 < faces[0, :, 0].mean() < 350


def test_resolutions_are_squares_of_a_multiple_of_16(models):
    assert finder(models, face=True).notices == []
    found = finder(models, hand=True, hand_net_resolution="70x70")
    assert found.notices == [
        "--hand_net_resolution: sides are multiples of 16, 70x70 is read as 64x64"
    ]
    for wrong in ("368x256", "-1x-1", "0x0", "99999x99999", "large"):
        with pytest.raises(UsageError) as told:
            finder(models, face=True, face_net_resolution=wrong)
        assert told.value.where == "--face_net_resolution"


@pytest.mark.parametrize(
    ("flags", "where", "text"),
    [
        ({"face": True, "face_detector": 2}, "--face_detector", "through the Python API"),
        ({"hand": True, "hand_detector": 2}, "--hand_detector", "through the Python API"),
        ({"face": True, "face_detector": 3}, "--face_detector", "there is no face detector 3"),
        ({"hand": True, "hand_detector": 1}, "--hand_detector", "there is no hand detector 1"),
        ({"face": True, "body": 0}, "--face", "not with --body 0"),
        ({"hand": True, "hand_detector": 3, "body": 0}, "--hand", "not with --body 0"),
        ({"face": True, "model": "BODY_135"}, "--face", "finds the points of faces and hands"),
        ({"hand": True, "model": "BODY_135"}, "--hand", "finds the points of faces and hands"),
        ({"hand": True, "hand_scale_number": 0}, "--hand_scale_number", "at least 1"),
    ],
    ids=str,
)
def test_what_cannot_be_done_is_said_before_a_file_is_looked_for(tmp_path, flags, where, text):
    with pytest.raises(UsageError, match=text) as told:
        finder(tmp_path, **flags)
    assert told.value.where == where


@pytest.mark.parametrize(
    ("boxes", "text"),
    [(np.zeros((2, 3)), r"\(people, 4\)"), (np.float32([[0, 0, 50, 60]]), "squares, got 50x60")],
    ids=["shape", "not square"],
)
def test_given_boxes_are_checked(models, boxes, text):
    found = finder(models, {"face_boxes": lambda frame, people: boxes}, face=True)
    with pytest.raises(UsageError, match=text):
        found.faces_and_hands(drawn(), NOBODY)


def test_a_missing_file_is_named_at_the_start(tmp_path):
    with pytest.raises(MissingModel, match=r"face/pose_iter_116000\.caffemodel"):
        finder(tmp_path, face=True)
    with pytest.raises(MissingModel, match=r"hand/pose_iter_102000\.caffemodel"):
        finder(tmp_path, hand=True)


def test_a_file_of_the_other_network_is_refused(models, tmp_path):
    (tmp_path / "face").mkdir()
    (tmp_path / "face" / "pose_iter_116000.caffemodel").symlink_to(
        models / part_card("hand").files[0].path
    )
    with pytest.raises(ModelFileError, match="holds hand, not face"):
        finder(tmp_path, face=True).faces_and_hands(drawn(), body(Neck=(100, 132), Nose=(100, 100)))


def test_the_cards_of_parts_are_no_pose_models():
    assert part_card("face").networks == ("face",)
    assert part_card("hand").networks == ("hand",)
    assert not {"face", "hand"} & set(cards())
