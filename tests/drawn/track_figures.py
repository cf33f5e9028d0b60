"""CLEAR MOT and identity figures of a tracker, where it is known whom each row shows."""

import dataclasses
from collections import Counter
from collections.abc import Iterable

import numpy as np
from scipy.optimize import linear_sum_assignment

FALSE = -1  # the true number of a row that shows nobody


@dataclasses.dataclass(frozen=True)
class Frame:
    """there: true numbers of everyone to be seen. shown, given: true and given number of each row;
    given below 0: no number, as if the row were not there."""

    there: list[int]
    shown: list[int]
    given: list[int]


@dataclasses.dataclass(frozen=True)
class TrackFigures:
    """Counts over all frames; switches: a person's number is another than when last seen."""

    there: int
    rows: int
    missed: int
    false: int
    switches: int
    same: int  # rows that agree when each person has one number and each number one person

    @property
    def mota(self) -> float:
        return 1 - (self.missed + self.false + self.switches) / self.there

    @property
    def idf1(self) -> float:
        return 2 * self.same / (self.there + self.rows)


def track_figures(frames: Iterable[Frame]) -> TrackFigures:
    there = rows = missed = false = switches = 0
    last: dict[int, int] = {}
    together: Counter[tuple[int, int]] = Counter()
    for frame in frames:
        pairs = [(s, g) for s, g in zip(frame.shown, frame.given, strict=True) if g >= 0]
        true = [(shown, given) for shown, given in pairs if shown != FALSE]
        there, rows = there + len(frame.there), rows + len(pairs)
        missed += len(frame.there) - len(true)
        false += len(pairs) - len(true)
        switches += sum(last.get(shown, given) != given for shown, given in true)
        last.update(true)
        together.update(true)
    return TrackFigures(there, rows, missed, false, switches, _most_together(together))


def _most_together(together: Counter[tuple[int, int]]) -> int:
    people = {shown: n for n, shown in enumerate(sorted({shown for shown, _ in together}))}
    numbers = {given: n for n, given in enumerate(sorted({given for _, given in together}))}
    table = np.zeros((len(people), len(numbers)), int)
    for (shown, given), count in together.items():
        table[people[shown], numbers[given]] = count
    return int(table[linear_sum_assignment(-table)].sum())
