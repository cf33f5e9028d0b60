"""Runs the real command in a process of its own."""

import atexit
import dataclasses
import functools
import json
import os
import select
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
    given = _given(environment or {})
    typed = list(map(str, words))
    if sys.platform == "linux" and given == _first_given():
        ran = _forked(typed, cwd or Path.cwd())
    else:
        ran = _started(typed, cwd, given)
    assert "Traceback" not in ran.err, ran.err
    return ran


def _given(environment: dict) -> dict[str, str]:
    mine = {key: value for key, value in os.environ.items() if key not in NO_MATTER}
    return {**mine, **ALIKE, **environment}


@functools.cache
def _first_given() -> dict[str, str]:
    """The environment of the forking process."""
    return _given({})


def _started(words: list[str], cwd: Path | None, given: dict[str, str]) -> Ran:
    done = subprocess.run(
        [sys.executable, "-m", "openpose_py", *words],
        cwd=cwd, env=given, capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    return Ran(done.returncode, done.stdout, done.stderr)


def _forked(words: list[str], folder: Path) -> Ran:
    process = _forking()
    assert process.stdin and process.stdout
    with tempfile.NamedTemporaryFile("r") as out, tempfile.NamedTemporaryFile("r") as err:
        line = {"words": words, "folder": str(folder), "out": out.name, "err": err.name}
        process.stdin.write(json.dumps(line) + "\n")
        process.stdin.flush()
        if not select.select([process.stdout], [], [], SECONDS)[0]:
            _end()
            raise TimeoutError(f"{words}: {err.read()}")
        return Ran(int(process.stdout.readline()), out.read(), err.read())


@functools.cache
def _forking() -> subprocess.Popen:
    atexit.register(_end)
    return subprocess.Popen(
        [sys.executable, str(FORKING)], env=_first_given(), text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip


def _end() -> None:
    """With what it has forked."""
    process = _forking()
    if process.poll() is None:
        os.killpg(process.pid, 9)
    _forking.cache_clear()
