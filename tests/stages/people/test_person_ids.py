"""Who is who: against OpenPose's unfinished extractor, and where people meet, leave and return."""

from pathlib import Path

import numpy as np

from openpose_py.records import Frame, People, Result
from openpose_py.stages.people.person_ids import FRAMES_KEPT, PersonIds, numbered

GOLDEN = Path(__file__).parents[2] / "golden" / "boxes" / "person_ids.npz"


def picture(shift: int = 0) -> np.ndarray:
    """240 x 320 pixels of texture, moved right by `shift`."""
    texture = np.load(GOLDEN)["texture"]
    return np.ascontiguousarray(texture[40:280, 40 - shift : 360 - shift])


def people_at(*places: tuple[float, float]) -> People:
    """People whose 25 parts lie in a square of 40 pixels from each place on."""
    grid = np.stack(np.meshgrid(np.arange(5) * 10, np.arange(5) * 10), axis=-1).reshape(25, 2)
    keypoints = np.full((len(places), 25, 3), 0.9, np.float32)
    for person, place in enumerate(places):
        keypoints[person, :, :2] = grid + place
    return People(keypoints, np.ones(len(places), np.float32))


def test_numbers_are_those_of_openpose_on_its_scene():
    golden = np.load(GOLDEN)
    width, height = golden["frame_size"]
    ids, begin, found = PersonIds(), 0, []
    for (dx, dy), count in zip(golden["frames_offset"], golden["people_per_frame"], strict=True):
        pixels = golden["texture"][40 - dy : 40 - dy + height, 40 - dx : 40 - dx + width]
        keypoints = golden["keypoints"][begin : begin + count]
        people = People(keypoints, np.ones(count, np.float32))
        found.append(ids.of(np.ascontiguousarray(pixels), people))
        begin += count
    assert np.concatenate(found).tolist() == golden["ids"].tolist()


def test_people_keep_their_numbers_when_their_order_changes():
    ids = PersonIds()
    assert ids.of(picture(), people_at((20, 50), (200, 100))).tolist() == [0, 1]
    assert ids.of(picture(3), people_at((203, 100), (23, 50))).tolist() == [1, 0]


def test_flow_follows_a_person_who_moves_fast_with_the_picture():
    ids = PersonIds()
    ids.of(picture(0), people_at((100, 100)))
    ids.of(picture(9), People.nobody(25))
    ids.of(picture(18), People.nobody(25))
    assert ids.of(picture(27), people_at((127, 100))).tolist() == [0]


def test_someone_new_gets_the_next_number():
    ids = PersonIds()
    ids.of(picture(), people_at((20, 50)))
    assert ids.of(picture(), people_at((220, 150), (20, 50))).tolist() == [1, 0]
    assert ids.of(picture(), people_at((120, 20))).tolist() == [2]


def test_of_two_people_at_one_place_the_nearer_keeps_the_number():
    ids = PersonIds()
    ids.of(picture(), people_at((100, 100)))
    assert ids.of(picture(), people_at((106, 100), (101, 100))).tolist() == [1, 0]


def test_a_person_away_for_long_is_somebody_else():
    for away, number in ((FRAMES_KEPT, 0), (FRAMES_KEPT + 1, 1)):
        ids = PersonIds()
        ids.of(picture(), people_at((100, 100)))
        for _ in range(away):
            ids.of(picture(), People.nobody(25))
        assert ids.of(picture(), people_at((100, 100))).tolist() == [number]


def test_parts_that_were_not_found_do_not_count():
    ids = PersonIds()
    ids.of(picture(), people_at((100, 100)))
    half = people_at((100, 100))
    half.keypoints[0, :20] = 0
    assert ids.of(picture(), half).tolist() == [0]


def test_nobody_has_no_number():
    assert PersonIds().of(picture(), People.nobody(25)).shape == (0,)


def test_each_view_counts_for_itself():
    results = [
        Result(Frame(picture(), step, "f", 0.0, "drawn", view), people_at((50 * step + 20, 60)))
        for step in (0, 1)
        for view in (0, 1)
    ]
    assert [result.person_ids.tolist() for result in numbered(results)] == [[0], [0], [1], [1]]
