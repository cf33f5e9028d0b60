import numpy as np

from openpose_py.train import masks
from openpose_py.zoo.skeletons import read_skeleton

BODY_25 = read_skeleton("BODY_25")
SIDE, CELLS = 160, 20


def rectangle(x: float, y: float, w: float, h: float) -> np.ndarray:
    return np.array([[x, y], [x + w, y], [x + w, y + h], [x, y + h]], np.float32)


def one_silent(part: str) -> np.ndarray:
    return np.array([name == part for name in BODY_25.parts])


def test_unlabelled_people_are_unknown_and_labelled_ones_within_them_known() -> None:
    known = masks.known_cells([rectangle(0, 0, 79, 79)], [rectangle(16, 16, 15, 15)], SIDE)
    assert known.shape == (CELLS, CELLS)
    assert not known[:2].any() or known[0, :9].max() == 0
    assert (known[2:4, 2:4] == 1).all()
    assert (known[10:, 10:] == 1).all()


def test_a_cell_half_unknown_has_a_quarter_of_the_weight() -> None:
    known = masks.known_cells([rectangle(0, 0, 3, 159)], [], SIDE)
    assert np.allclose(known[:, 0], 0.25, atol=0.01)
    assert (known[:, 1:] == 1).all()


def test_a_silent_part_and_its_limbs_are_learnt_nowhere() -> None:
    known = np.ones((CELLS, CELLS), np.float32)
    weights = masks.part_weights(known, one_silent("LAnkle"), np.zeros((0, 25), bool), [])
    limbs = masks.limb_weights(weights, BODY_25)
    idle = {BODY_25.parts[n] for n in range(25) if not weights[n].any()}
    assert idle == {"LAnkle"}
    joined = [n for n, pair in enumerate(BODY_25.limbs) if BODY_25.parts.index("LAnkle") in pair]
    channels = BODY_25.paf_channels[joined].ravel() - BODY_25.first_paf
    assert set(np.nonzero(~limbs.any(axis=(1, 2)))[0]) == set(channels)


def test_an_unknown_part_is_not_learnt_near_its_person() -> None:
    known = np.ones((CELLS, CELLS), np.float32)
    unknown = one_silent("LWrist")[None]
    box = masks.grown(np.array([40, 40, 40, 40], np.float32))
    weights = masks.part_weights(known, np.zeros(25, bool), unknown, [box])
    wrist, nose = BODY_25.parts.index("LWrist"), BODY_25.parts.index("Nose")
    assert not weights[wrist, 5:10, 5:10].any()
    assert (weights[wrist, :3] == 1).all()
    assert (weights[nose] == 1).all()


def test_an_unknown_parts_box_grows_most_downwards() -> None:
    polygon = masks.grown(np.array([100, 100, 100, 200], np.float32))
    assert polygon[:, 0].tolist() == [85, 215, 215, 85]
    assert polygon[:, 1].tolist() == [70, 70, 360, 360]


def test_the_background_is_unknown_where_unlabelled_feet_may_be() -> None:
    known = np.ones((CELLS, CELLS), np.float32)
    points = np.zeros((1, 25, 3), np.float32)
    points[0, BODY_25.parts.index("LKnee")] = (80, 40, 1)
    points[0, BODY_25.parts.index("LAnkle")] = (80, 80, 1)
    silent = one_silent("LBigToe")
    unknown = np.zeros((1, 25), bool)
    box = [rectangle(60, 0, 40, 100)]
    weights = masks.background_weights(known, points, silent, unknown, box, BODY_25)
    # the shin is 5 cells: a square of 8, its middle one cell below the ankle at cell 10
    assert not weights[7:15, 6:14].any()
    assert weights.sum() == CELLS * CELLS - 64


def test_the_background_is_known_where_everything_is() -> None:
    known = np.ones((CELLS, CELLS), np.float32)
    nobody = np.zeros((0, 25, 3), np.float32), np.zeros(25, bool), np.zeros((0, 25), bool)
    assert (masks.background_weights(known, *nobody, [], BODY_25) == 1).all()
