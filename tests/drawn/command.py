"""Runs the real command in a process of its own."""

import dataclasses
import functools
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

SECONDS = 120  # a run that takes longer hangs
FORKING = Path(__file__).with_name("forking.py")
ALIKE = {"OMP_NUM_THREADS": "1", "COLUMNS": "120"}  # one thread: tests do not fight for cores
NO_MATTER = ("PYTEST_CURRENT_TEST",)


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
    """`openpose-py WORDS`; forked where nothing is special about it, which saves two seconds."""
    mine = {key: value for key, value in os.environ.items() if key not in NO_MATTER}
    typed, given = list(map(str, words)), {**mine, **ALIKE, **(environment or {})}
    if sys.platform == "linux" and not environment:
        ran = _forked(typed, cwd or Path.cwd(), _forking(frozenset(given.items())))
    else:
        ran = _started(typed, cwd, given)
    assert "Traceback" not in ran.err, ran.err
    return ran


def _started(words: list[str], cwd: Path | None, given: dict[str, str]) -> Ran:
    done = subprocess.run(
        [sys.executable, "-m", "openpose_py", *words],
        cwd=cwd, env=given, capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    return Ran(done.returncode, done.stdout, done.stderr)


def _forked(words: list[str], folder: Path, process: subprocess.Popen) -> Ran:
    assert process.stdin and process.stdout
    with tempfile.NamedTemporaryFile("r") as out, tempfile.NamedTemporaryFile("r") as err:
        line = {"words": words, "folder": str(folder), "out": out.name, "err": err.name}
        process.stdin.write(json.dumps(line) + "\n")
        process.stdin.flush()
        if not select.select([process.stdout], [], [], SECONDS)[0]:
            os.killpg(process.pid, signal.SIGKILL)  # with what it has forked
            _forking.cache_clear()
            raise TimeoutError(f"{words}: {err.read()}")
        return Ran(int(process.stdout.readline()), out.read(), err.read())


@functools.lru_cache(2)
def _forking(environment: frozenset[tuple[str, str]]) -> subprocess.Popen:
    """It ends when nobody holds the other end of its stdin any more."""
    return subprocess.Popen(
        [sys.executable, str(FORKING)], env=dict(environment), text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
