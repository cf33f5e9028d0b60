"""The judge of tracks, on cases counted by hand."""

import pytest
from drawn.track_figures import FALSE, Frame, track_figures


def test_right_ids_are_perfect_whatever_their_names():
    figures = track_figures([Frame([1, 2], [1, 2], [8, 5]), Frame([1, 2], [2, 1], [5, 8])])
    assert (figures.mota, figures.idf1, figures.switches) == (1, 1, 0)


def test_a_change_of_id_is_one_switch():
    # one person in four frames, 0 0 7 7: one switch; two of four rows agree with one number
    figures = track_figures([Frame([1], [1], [given]) for given in (0, 0, 7, 7)])
    assert figures.mota == pytest.approx(1 - 1 / 4)
    assert figures.idf1 == pytest.approx(2 * 2 / (4 + 4))


def test_two_people_who_swap_are_two_switches():
    frames = [Frame([1, 2], [1, 2], given) for given in ([0, 1], [0, 1], [0, 1], [1, 0])]
    figures = track_figures(frames)
    assert (figures.switches, figures.same) == (2, 6)
    assert figures.idf1 == pytest.approx(6 / 8)


def test_missed_and_false_rows_count_once_each():
    # three frames, person 1 there in all and found in two; somebody who is none in the last
    frames = [Frame([1], [1], [4]), Frame([1], [], []), Frame([1], [1, FALSE], [4, 9])]
    figures = track_figures(frames)
    assert (figures.missed, figures.false, figures.switches) == (1, 1, 0)
    assert figures.mota == pytest.approx(1 - 2 / 3)
    assert figures.idf1 == pytest.approx(2 * 2 / (3 + 3))


def test_a_row_without_a_number_is_no_row():
    figures = track_figures([Frame([1], [1, FALSE], [-1, -1])])
    assert (figures.missed, figures.false, figures.rows) == (1, 0, 0)


def test_one_number_for_two_people_is_right_for_one_of_them():
    figures = track_figures([Frame([1], [1], [3])] * 3 + [Frame([2], [2], [3])] * 2)
    assert (figures.switches, figures.same) == (0, 3)
