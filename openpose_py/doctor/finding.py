"""One line of the doctor's: a state, a value, and what to type to get more."""

from typing import NamedTuple

OK, LESS, WRONG = "ok", "less", "wrong"  # less: runs, but slower or with less; wrong: cannot run


class Finding(NamedTuple):
    """area: a heading. hint: what to type, or to do."""

    area: str
    name: str
    state: str
    value: str
    hint: str = ""
