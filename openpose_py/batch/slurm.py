"""A batch as a job array of SLURM: one task a shard, several inputs a task."""

import os
import sys
from collections.abc import Mapping, Sequence
from shlex import quote
from typing import Any

from openpose_py.batch.addresses import is_remote
from openpose_py.batch.options import BatchOptions, options
from openpose_py.batch.starts import wants_gpu
from openpose_py.batch.state import FOLDER
from openpose_py.settings import Settings, flags

INPUTS_A_TASK, MOST_TASKS = 8, 200  # schedulers dislike short tasks, and many
CPUS = 4  # of a task
GPU = "#SBATCH --gpus=1"
NOT_TYPED = ("emit", "shard", "dry_run")  # flags that a task does not get

SCRIPT = """\
#!/bin/bash
# {inputs} inputs in {tasks} tasks. To start it: openpose-py batch ... --emit slurm | sbatch
# A task that broke off or failed: sbatch --array=NUMBER; what is done is not done again.
#SBATCH --job-name=openpose-py
#SBATCH --array=1-{tasks}
#SBATCH --cpus-per-task={cpus}
{gpu}
#SBATCH --requeue
#SBATCH --output=/dev/null

logs={logs}
mkdir -p -- "$logs"
exec >> "$logs/slurm-${{SLURM_ARRAY_JOB_ID:-0}}-$SLURM_ARRAY_TASK_ID.log" 2>&1
cd -- {folder} || exit
export OMP_NUM_THREADS="${{SLURM_CPUS_PER_TASK:-{cpus}}}"
exec {command} \\
  --shard "$SLURM_ARRAY_TASK_ID/{tasks}"
"""


def slurm_script(
    words: Sequence[str], chosen: BatchOptions, base: Settings, root: str, inputs: int
) -> str:
    """words: the inputs as they were typed. root: the folder of the reports. inputs: how many."""
    typed = _typed(vars(chosen), vars(BatchOptions()), options())
    typed += _typed(vars(base), vars(Settings()), flags())
    program = [sys.executable, "-m", "openpose_py", "batch", *words]
    command = " \\\n  ".join([" ".join(map(quote, program)), *map(quote, typed)])
    logs = "openpose-py-logs" if is_remote(root) else os.path.join(root, FOLDER)
    return SCRIPT.format(
        inputs=inputs, tasks=max(1, min(MOST_TASKS, inputs // INPUTS_A_TASK)), cpus=CPUS,
        gpu=GPU if wants_gpu(base) and base.num_gpu > 0 else f"# for a GPU each: {GPU}",
        logs=quote(os.path.abspath(logs)), folder=quote(os.getcwd()), command=command,
    )  # fmt: skip


def _typed(values: Mapping[str, Any], defaults: Mapping[str, Any], rows: Any) -> list[str]:
    """Every flag that is not at its default, as it can be typed."""
    changed = [
        flag
        for flag in rows
        if flag.field not in NOT_TYPED and values[flag.field] != defaults[flag.field]
    ]
    return [
        f"--{flag.name}" if values[flag.field] is True else f"--{flag.name}={values[flag.field]}"
        for flag in changed
    ]
