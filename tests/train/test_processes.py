import csv
import os
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from drawn.stick_people import TINY_RECIPE, four_people, write_pack

from openpose_py.weights.state_dict import read_state_dict

TRAIN = ["-m", "openpose_py", "train"]
SIDE = 64


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def run(*words: str | Path) -> None:
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, *map(str, words)]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240)
    assert ran.returncode == 0, ran.stderr


def losses(folder: Path) -> list[float]:
    with (folder / "log.csv").open() as rows:
        return [float(row["loss"]) for row in csv.DictReader(rows)]


@pytest.mark.slow
def test_two_processes_learn_what_one_learns(tmp_path: Path) -> None:
    """From weights without batch norms, whose statistics each process has for itself on a CPU."""
    write_pack(tmp_path, four_people(SIDE), SIDE)
    recipe = tmp_path / "r.toml"
    recipe.write_text(TINY_RECIPE.format(steps=9).replace("crop = 128", f"crop = {SIDE}"))
    data = ["--data", tmp_path, "--device", "cpu", "--batch", "4"]
    run(*TRAIN, recipe, *data, "--output", tmp_path / "first", "--steps", "1")
    further = [*data, "--init", tmp_path / "first" / "tiny.safetensors", "--steps", "4"]
    run(*TRAIN, recipe, *further, "--output", tmp_path / "one")
    two = ["-m", "torch.distributed.run", "--nproc_per_node", "2", "--master_addr", "127.0.0.1",
           "--master_port", str(free_port())]  # fmt: skip
    run(*two, *TRAIN, recipe, *further, "--output", tmp_path / "two")
    assert losses(tmp_path / "two") == pytest.approx(losses(tmp_path / "one"), rel=1e-4)
    one, both = (read_state_dict(tmp_path / name / "tiny.safetensors") for name in ("one", "two"))
    start = read_state_dict(tmp_path / "first" / "tiny.safetensors")
    moved = np.concatenate([np.ravel(one[key] - start[key]) for key in start])
    apart = np.concatenate([np.ravel(one[key] - both[key]) for key in start])
    assert np.abs(moved).mean() > 20 * np.abs(apart).mean()
