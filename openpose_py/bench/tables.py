"""Rows as tables, on the screen and in a page: a line a case, a column a way."""

from collections.abc import Callable, Sequence

from openpose_py.bench.rows import Row

WIDEST = 8  # columns; sections with more ways, or with several units, stand as lines
PLAIN = "ms"


def as_text(rows: Sequence[Row]) -> str:
    return "\n\n".join(f"{name}\n{_text(_cells(some))}" for name, some in _sections(rows).items())


def as_markdown(rows: Sequence[Row], first: str) -> str:
    """A page; `first` stands above the tables."""
    parts = [f"# Benchmark\n\n{first}"]
    for name, some in _sections(rows).items():
        head, *body = _cells(some)
        lines = ["| " + " | ".join(line) + " |" for line in (head, ["---"] * len(head), *body)]
        parts.append(f"## {name[0].upper()}{name[1:]}\n\n" + "\n".join(lines))
    return "\n\n".join(parts) + "\n"


def _sections(rows: Sequence[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.section, []).append(row)
    return found


def _cells(rows: Sequence[Row]) -> list[list[str]]:
    """The head and the lines; numbers without a unit are milliseconds."""
    ways = list(dict.fromkeys(row.way for row in rows))
    cases = list(dict.fromkeys(row.case for row in rows))
    if len(ways) > WIDEST or len({row.unit for row in rows}) > 1:
        head = ["case", "way", "value", "note"]
        return [head, *([row.case, row.way, _number(row), row.note] for row in rows)]
    by_place = {(row.case, row.way): row for row in rows}

    def line(case: str) -> list[str]:
        there = [by_place.get((case, way)) for way in ways]
        notes = dict.fromkeys(row.note for row in there if row and row.note)
        return [case, *(_number(row) if row else "" for row in there), "; ".join(notes)]

    return [["", *ways, "note"], *map(line, cases)]


def _number(row: Row) -> str:
    digits = 0 if row.value >= 100 else 1 if row.value >= 10 else 2 if row.value >= 0.1 else 4
    return f"{row.value:.{digits}f}" + ("" if row.unit == PLAIN else f" {row.unit}")


def _text(cells: list[list[str]]) -> str:
    widths = [max(len(line[n]) for line in cells) for n in range(len(cells[0]) - 1)]
    justify: list[Callable[[str, int], str]] = [str.ljust, *[str.rjust] * (len(widths) - 1)]

    def text(line: list[str]) -> str:
        places = (put(cell, width) for put, cell, width in zip(justify, line, widths, strict=False))
        return "  ".join(("  " + "  ".join(places), line[-1])).rstrip()

    return "\n".join(map(text, cells))
