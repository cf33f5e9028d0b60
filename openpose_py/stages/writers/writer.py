"""Stage 5 of 5: the contract of every writer."""

from typing import Protocol

from openpose_py.records import Result


class Writer(Protocol):
    """Takes results in frame order; `close()` completes the files."""

    def write(self, result: Result) -> None: ...

    def close(self) -> None: ...
