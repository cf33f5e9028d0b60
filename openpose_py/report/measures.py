"""Which angles and speeds the page plots. Its script computes them, as `tables/angles.py` does."""

from typing import Any

from openpose_py.tables.angles import MIDDLE, SIDEWAYS

Numbers = dict[str, int]
BENDS = {"Knee": ("Hip", "Knee", "Ankle"), "Elbow": ("Shoulder", "Elbow", "Wrist")}
SWINGS = {"Hip": ("Hip", "Knee"), "Shoulder": ("Shoulder", "Elbow")}
SPEEDS = ("Wrist", "Ankle")
AHEAD = (("Neck", "Nose"), ("RHeel", "RBigToe"), ("LHeel", "LBigToe"))
BEND_LINES, SWING_LINES, LEAN_LINES = [0, 90, 180], [-90, 0, 90, 180], [-90, 0, 90]


def trunk_of(parts: tuple[str, ...]) -> dict[str, Any]:
    """Part numbers of neck and hips (their middle counts), of pairs that point ahead, and how far
    they must, in trunk lengths, to tell the side that a person faces."""
    number = _numbers(parts)
    ends = {name: _ends(number, name) for name in {name for pair in AHEAD for name in pair}}
    ahead = [[ends[a], ends[b]] for a, b in AHEAD if ends[a] and ends[b]]
    neck, hips = _ends(number, "Neck"), _ends(number, "MidHip")
    return {"neck": neck, "hips": hips, "ahead": ahead, "sideways": SIDEWAYS}


def plots_of(parts: tuple[str, ...]) -> list[dict[str, Any]]:
    """One row a plot: name, unit, values of its grid lines, series. A series is a side ("L", "R",
    "") and either bend: three part numbers; swing: two, against the trunk; lean: of the trunk; or
    speed: part numbers, whose mean moves."""
    number = _numbers(parts)
    has_trunk = bool(_ends(number, "Neck") and _ends(number, "MidHip"))
    plots = []
    for name in ("Knee", "Hip", "Elbow", "Shoulder"):
        kind, words = ("bend", BENDS[name]) if name in BENDS else ("swing", SWINGS[name])
        series = _sides(number, kind, words) if kind == "bend" or has_trunk else []
        lines = BEND_LINES if kind == "bend" else SWING_LINES
        plots.append({"name": name, "unit": "°", "lines": lines, "series": series})
    lean = [{"side": "", "lean": True}] if has_trunk else []
    plots.append({"name": "Trunk", "unit": "°", "lines": LEAN_LINES, "series": lean})
    plots.append(_speed("Body speed", [{"side": "", "speed": sorted(number.values())}]))
    for word in SPEEDS:
        plots.append(_speed(f"{word} speed", _sides(number, "speed", (word,))))
    return [plot for plot in plots if plot["series"]]


def _numbers(parts: tuple[str, ...]) -> Numbers:
    return {part: position for position, part in enumerate(parts)}


def _ends(number: Numbers, name: str) -> list[int]:
    if name in number:
        return [number[name]]
    both = MIDDLE.get(name, ())
    return [number[part] for part in both] if set(both) <= set(number) else []


def _sides(number: Numbers, kind: str, words: tuple[str, ...]) -> list[dict[str, Any]]:
    sides = {side: [number.get(side + word) for word in words] for side in "LR"}
    return [{"side": side, kind: found} for side, found in sides.items() if None not in found]


def _speed(name: str, series: list[dict[str, Any]]) -> dict[str, Any]:
    return {"name": name, "unit": "px/s", "lines": [], "series": series}
