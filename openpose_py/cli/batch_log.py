"""--json_log: one line of JSON an event of a batch."""

import json
import sys
import time
from pathlib import Path
from typing import Any, TextIO

from openpose_py.stages.writers.whole_file import cannot_write


class JsonLog:
    """Lines are added to what the file holds; an empty path: no log."""

    def __init__(self, path: str) -> None:
        self._file: TextIO | None = None
        try:
            if path:
                self._file = sys.stdout if path == "-" else Path(path).open("a")  # noqa: SIM115
        except OSError as problem:
            raise cannot_write(Path(path), problem) from problem

    def event(self, kind: str, **details: Any) -> None:
        if self._file:
            line = {"time": round(time.time(), 3), "event": kind, **details}
            self._file.write(json.dumps(line) + "\n")
            self._file.flush()

    def close(self) -> None:
        if self._file and self._file is not sys.stdout:
            self._file.close()
