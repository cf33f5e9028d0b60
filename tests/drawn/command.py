"""Runs the real command in a process of its own."""

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

SECONDS = 120  # a run that takes longer hangs


@dataclasses.dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    def said(self, text: str) -> bool:
        return text in self.err

    @property
    def lines(self) -> list[str]:
        return self.err.strip().splitlines()


def openpose_py(*words: object, cwd: Path | None = None, environment: dict | None = None) -> Ran:
    """`openpose-py WORDS` with one thread for OpenMP, so that tests do not fight for cores."""
    done = subprocess.run(
        [sys.executable, "-m", "openpose_py", *map(str, words)],
        cwd=cwd,
        env={**os.environ, "OMP_NUM_THREADS": "1", "COLUMNS": "120", **(environment or {})},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return Ran(done.returncode, done.stdout, done.stderr)
