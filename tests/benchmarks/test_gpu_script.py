import json
import subprocess
import sys
from pathlib import Path

import pytest
from drawn.kernels_on_cpu import GXX

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "gpu.py"


@pytest.mark.slow
@pytest.mark.skipif(GXX is None, reason="there is no g++")
def test_the_gpu_benchmark_runs_from_end_to_end_with_the_kernels_as_cpp():
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "--cpp", "--runs", "1"],
        capture_output=True, text=True, timeout=1800,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads(done.stdout)
    assert report["parity"]["equal"] == report["parity"]["scenes"] > 60
    assert report["assembler"]["crowd150"]["people"] == 157
    assert all(report["frames"][way]["frames a second"] > 0 for way in ("engine", "CUDA graph"))
