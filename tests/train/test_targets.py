import numpy as np
import pytest

from openpose_py.train.targets import Drawing, background_of, draw_targets

CELLS = 46


def drawing(parts: int, limbs: list[tuple[int, int]], centred: bool = False) -> Drawing:
    pairs = np.array(limbs, np.int64).reshape(-1, 2)
    return Drawing(
        sigmas=np.full(parts, 7.0),
        part_weights=np.ones(parts, np.float32),
        limbs=pairs,
        fields=2 * np.arange(len(pairs)),
        limb_width=1.0,
        centred=centred,
    )


def drawn(people: list[list[tuple[float, float]]], rule: Drawing, weight: float = 1.0):
    points = np.array([[(*xy, weight) for xy in person] for person in people], np.float32)
    heat = np.ones((len(rule.sigmas), CELLS, CELLS), np.float32)
    return draw_targets(points, rule, heat, np.ones((2 * len(rule.limbs), CELLS, CELLS), "f4"))


def test_a_gaussian_has_openposes_values() -> None:
    heat = drawn([[(100, 60)]], drawing(1, [])).heat[0]
    assert heat[7, 12] == pytest.approx(0.9949110, abs=1e-6)
    assert heat[7, 13] == heat[8, 12] == pytest.approx(0.5618442, abs=1e-6)
    assert heat[7, 11] == heat[6, 12] == pytest.approx(0.4772113, abs=1e-6)
    assert np.count_nonzero(heat) == 21
    assert heat.sum() == pytest.approx(4.7630799, abs=1e-5)


def test_people_combine_by_the_larger_value() -> None:
    heat = drawn([[(100, 60)], [(116, 60)]], drawing(1, [])).heat[0]
    assert heat[7, 13] == pytest.approx(0.5618442, abs=1e-6)
    assert np.count_nonzero(heat) == 31
    assert heat.sum() == pytest.approx(8.1771526, abs=1e-5)


def test_a_limb_has_openposes_cells_and_directions() -> None:
    paf = drawn([[(60, 100), (100, 60)]], drawing(2, [(0, 1)])).paf
    assert np.count_nonzero(paf[0]) == 19
    assert paf[0].sum() == pytest.approx(13.4350288, abs=1e-5)
    assert paf[1].sum() == pytest.approx(-13.4350288, abs=1e-5)


def test_crossing_limbs_are_averaged() -> None:
    paf = drawn([[(60, 100), (100, 60)], [(60, 60), (100, 100)]], drawing(2, [(0, 1)])).paf
    assert np.count_nonzero(np.abs(paf).sum(axis=0)) == 33
    assert paf[0].sum() == pytest.approx(23.3345238, abs=1e-5)
    assert paf[1].sum() == pytest.approx(0, abs=1e-5)
    assert paf[:, 10, 10] == pytest.approx([0.7071068, 0], abs=1e-6)


def test_a_level_limb_covers_openposes_rows_and_columns() -> None:
    rows, columns = np.nonzero(drawn([[(60, 100), (140, 100)]], drawing(2, [(0, 1)])).paf[0])
    assert sorted(set(rows)) == [12, 13]
    assert sorted(set(columns)) == list(range(7, 19))
    assert len(rows) == 24


def test_a_centred_limb_lies_where_its_parts_gaussians_do() -> None:
    ends = [(83.5, 163.5), (203.5, 163.5)]  # the centres of cells 10 and 25 of row 20
    found = drawn([ends], drawing(2, [(0, 1)], centred=True))
    rows = np.nonzero(found.paf[0])[0]
    assert sorted(set(rows)) == [19, 20]
    assert found.heat[0].argmax() == 20 * CELLS + 10


def test_a_limb_without_length_is_not_drawn() -> None:
    assert not drawn([[(60, 60), (60, 60)]], drawing(2, [(0, 1)])).paf.any()


def test_weights_of_labels_count_where_they_are_drawn_and_nowhere_else() -> None:
    found = drawn([[(60, 100), (140, 100)]], drawing(2, [(0, 1)]), weight=0.25)
    assert (found.heat_weights[found.heat > 0.3] == 0.25).all()
    assert (found.heat_weights[found.heat == 0] == 1).all()
    assert (found.paf_weights[0][found.paf[0] != 0] == 0.25).all()
    assert (found.paf_weights[0][found.paf[0] == 0] == 1).all()


def test_labels_in_a_masked_place_are_learnt() -> None:
    rule = drawing(1, [])
    masked = np.zeros((1, CELLS, CELLS), np.float32)
    points = np.array([[(100, 60, 1)]], np.float32)
    found = draw_targets(points, rule, masked, np.zeros((0, CELLS, CELLS), np.float32))
    assert (found.heat_weights[found.heat > 0] == 1).all()
    assert np.count_nonzero(found.heat_weights) == np.count_nonzero(found.heat)


def test_a_part_without_a_position_is_not_drawn() -> None:
    assert not drawn([[(60, 100), (140, 100)]], drawing(2, [(0, 1)]), weight=0.0).heat.any()


def test_points_outside_reach_into_the_crop() -> None:
    heat = drawn([[(-5, 60)]], drawing(1, [])).heat[0]
    assert heat[7, 0] > 0.1
    assert not drawn([[(-5000, 60)]], drawing(1, [])).heat.any()


def test_the_background_is_what_the_highest_part_leaves() -> None:
    heat = np.zeros((2, 1, 3), np.float32)
    heat[0, 0], heat[1, 0] = (0.2, 1, 0), (0.5, 0.5, 0)
    assert background_of(heat).tolist() == [[0.5, 0, 1]]
