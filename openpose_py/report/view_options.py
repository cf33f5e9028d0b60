"""The flags of `openpose-py view` beside those of a run, each once, as in `settings.py`."""

import dataclasses
from collections.abc import Iterator
from typing import get_type_hints

from openpose_py.settings import Flag, flag

PAGE = "Page"


@dataclasses.dataclass(frozen=True, kw_only=True)
class ViewOptions:
    """The values of one page."""

    # fmt: off
    host: str = flag("127.0.0.1", PAGE, "Address to listen at; 0.0.0.0: other machines, too.")
    port: int = flag(0, PAGE, "Port to listen at; 0: any that is free.", low=0, high=65535)
    # fmt: on


def options() -> Iterator[Flag]:
    """All rows, in the order of the table."""
    types = get_type_hints(ViewOptions)
    for field in dataclasses.fields(ViewOptions):
        row = {"name": field.name, **field.metadata}
        yield Flag(field=field.name, type=types[field.name], default=field.default, **row)
