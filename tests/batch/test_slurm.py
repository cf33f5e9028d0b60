"""--emit slurm: a script that bash accepts, and that does the batch task by task."""

import os
import re
import subprocess

import pytest
from drawn.clips import files_below, write_clip
from drawn.command import openpose_py

FLAGS = ("--net_resolution", "64x64", "--write_json", "it's json", "--num_gpu", 0)


@pytest.fixture
def clips(tmp_path):
    folder = tmp_path / "my $HOME's clips"
    folder.mkdir()
    for number in range(17):
        write_clip(folder / f"clip {number:03d}.mp4", 2, number)
    return folder


def emitted(clips, out, *words) -> str:
    ran = openpose_py("batch", clips, "--output", out, *FLAGS, *words, "--emit", "slurm", "--quiet")
    assert ran.code == 0, ran.err
    return ran.out


def test_bash_accepts_it_and_it_says_what_was_typed(clips, tmp_path):
    script = emitted(clips, tmp_path / "out", "--retries", 2, "--no_gui_verbose")
    checked = subprocess.run(["bash", "-n"], input=script, text=True, capture_output=True)
    assert checked.returncode == 0, checked.stderr
    assert "#SBATCH --array=1-2\n" in script and "\n#SBATCH --gpus" not in script
    assert "--retries=2" in script and "--no_gui_verbose" in script and "--emit=" not in script
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_its_tasks_together_have_the_bytes_of_the_plain_run(clips, tmp_path):
    out = tmp_path / "o u't"
    script = emitted(clips, out)
    (tmp_path / "job.sh").write_text(script)
    tasks = int(re.search(r"--array=1-(\d+)", script)[1])
    for number in range(1, tasks + 1):
        environment = {**os.environ, "SLURM_ARRAY_TASK_ID": str(number), "OMP_NUM_THREADS": "1"}
        subprocess.run(["bash", tmp_path / "job.sh"], env=environment, check=True, cwd="/")
    plain = openpose_py("batch", clips, "--output", tmp_path / "plain", *FLAGS)
    assert plain.code == 0
    assert len(list(out.glob("*/.done.json"))) == 17
    assert results(out) == results(tmp_path / "plain")
    assert list((out / ".batch").glob("slurm-0-*.log"))


def results(out) -> dict[str, bytes]:
    tables = ("summary", "failed", ".batch")
    return {k: v for k, v in files_below(out).items() if not k.startswith(tables)}
