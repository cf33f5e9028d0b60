"""A process that has loaded the heavy packages and forks: commands begin without those seconds.

Lines of JSON in: {"words", "folder", "out", "err"}; exit codes out. What it forks is a process of
its own, which runs `python -m openpose_py WORDS` to its natural end.
"""

import gc
import json
import os
import runpy
import signal
import sys
from typing import Any

import cv2  # noqa: F401 - before PyAV, which the next one loads, or windows hang

import openpose_py.estimator  # noqa: F401
from openpose_py.compile_once import compile_once


def wanted() -> dict[str, Any] | None:
    """In each forked process what it shall run; in the first one nothing, at the end."""
    for line in sys.stdin:
        process = os.fork()
        if process == 0:
            return json.loads(line)
        print(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), flush=True)
    return None


def become(words: list[str], folder: str, out: str, err: str) -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(folder)
    for number, path, flags in (
        (0, os.devnull, os.O_RDONLY), (1, out, os.O_WRONLY), (2, err, os.O_WRONLY),
    ):  # fmt: skip
        file = os.open(path, flags)
        os.dup2(file, number)
        os.close(file)
    sys.argv = ["openpose_py", *words]
    sys.path[0] = folder  # as `python -m` has it
    runpy.run_module("openpose_py", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    compile_once("openpose")
    gc.freeze()  # the forked ones share what is loaded
    request = wanted()
    if request:
        become(**request)
