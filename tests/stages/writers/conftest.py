import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from openpose_py.records import Frame, People, Result


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 256 kB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(disk)]
    try:
        done = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except OSError:
        done = False
    if not done:
        pytest.skip("a small disk can be mounted by root alone")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


@pytest.fixture
def make_result() -> Callable[..., Result]:
    """A result for one frame of those pixels; other fields of `Result` and `Frame.time` at will."""

    def make(pixels: np.ndarray, index: int = 0, name: str = "", **fields: Any) -> Result:
        frame = Frame(pixels, index, name or f"frame_{index}", fields.pop("time", 0.0), "test")
        return Result(frame, fields.pop("people", People.nobody(25)), **fields)

    return make
