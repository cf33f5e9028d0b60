"""A batch that is killed again and again, with work that takes no time: nothing is done twice."""

import os
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

INPUTS = 400
# as a batch: what is left is looked up, and done by forked workers; each finish is counted
PROGRAM = """
import os, random, sys, time
from pathlib import Path
from openpose_py.batch.done_record import Record, Work, read_record, write_record
from openpose_py.batch.job import Done, Job
from openpose_py.batch.schedule import Schedule
from openpose_py.batch.whole_folder import sweep, whole_folder
from openpose_py.batch.workers import Workers, run_all

root, logs, inputs = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
count = os.open(logs / "finished", os.O_WRONLY | os.O_CREAT | os.O_APPEND)

class Silent:
    def begun(self, *_): ...
    ended = settled = frames = said = tick = begun

def work(job, watch):
    if read_record(job.target):
        return Done(1, 0, 0.0, before=True)
    with whole_folder(Path(job.target)) as folder:
        time.sleep(random.random() / 50)
        (folder / "half").write_text(job.id)
        write_record(folder, Record(Work(job.path, 0, 0, {}, ""), Done(1, 0, 0.0), "1"))
    os.write(count, f"{job.id} ".encode())
    return Done(1, 0, 0.0)

sweep(root, set(os.listdir(root)), 3.0)
jobs = [Job(f"{n}", f"{n}", str(root / f"{n}")) for n in range(inputs)]
left = [(n, job) for n, job in enumerate(jobs) if not read_record(job.target)]
print(len(left), flush=True)
run_all(Schedule(left, 0, False), Workers([lambda: work] * 3, "fork", 0.0, logs), Silent())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is forked")
@pytest.mark.parametrize("kills", [3, pytest.param(40, marks=pytest.mark.slow)])
def test_nothing_is_done_twice_however_often_it_is_killed(tmp_path, kills):
    root, chance = tmp_path / "out", random.Random(kills)
    root.mkdir()
    command = [sys.executable, "-c", PROGRAM, root, tmp_path, str(INPUTS)]
    for number in range(kills):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        wait_for(process, at_least=INPUTS * number // (2 * kills), done=root)
        time.sleep(chance.random() / 10)
        process.kill()
        process.communicate()
    subprocess.run(command, check=True)
    finished = Counter((tmp_path / "finished").read_text().split())
    assert sorted(os.listdir(root), key=int) == [str(number) for number in range(INPUTS)]
    assert {path.name for path in root.rglob("*") if path.is_file()} == {".done.json", "half"}
    assert not [id for id, times in finished.items() if times > 1]
    assert len(finished) > INPUTS - 3 * kills - 1  # killed between a finish and its count


def wait_for(process: subprocess.Popen[str], at_least: int, done: Path) -> None:
    """Until it works, and so much has been done that every kill comes in the midst of work."""
    process.stdout.readline()
    while process.poll() is None:
        if sum(not name.startswith(".") for name in os.listdir(done)) >= at_least:
            return
        time.sleep(0.005)
