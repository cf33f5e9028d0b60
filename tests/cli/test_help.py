"""--help, --version, completion: at once, and without the heavy packages."""

import resource
import subprocess
import sys

import pytest
from drawn.command import openpose_py

from openpose_py.cli.app import COMMANDS
from openpose_py.settings import flags

SECONDS = 0.3
HEAVY = ("torch", "cv2", "numba", "av", "numpy")


@pytest.mark.parametrize("word", ["--help", "--version"])
def test_answers_within_three_tenths_of_a_second(word):
    openpose_py(word)  # files into the cache
    times = []
    for _ in range(5):
        start = seconds_of_children()
        assert openpose_py(word).code == 0
        times.append(seconds_of_children() - start)
    assert min(times) < SECONDS, times


def seconds_of_children() -> float:
    """Processor time of finished processes: steady where a busy machine's clock is not."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_nothing_heavy_is_imported_for_help():
    program = (
        "import sys\nfrom openpose_py.cli.app import main\nsys.argv[1:] = ['--help']\n"
        "try: main()\nexcept SystemExit: pass\n"
        f"print([name for name in {HEAVY} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stderr.strip() == "[]"


def test_help_shows_every_flag_and_command():
    text = openpose_py("--help").out
    for flag in flags():
        assert f"--{flag.name} " in text, flag.name
    for command in COMMANDS:
        assert f" {command} " in text


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_a_help_with_an_example(command):
    shown = openpose_py(command, "--help")
    assert shown.code == 0
    assert f"openpose-py {command}" in shown.out


def test_version_is_that_of_the_package():
    from importlib.metadata import version

    assert openpose_py("--version").out.strip() == f"openpose-py {version('openpose-py')}"


def test_the_shell_completes_flags():
    shown = openpose_py(
        environment={
            "_OPENPOSE_PY_COMPLETE": "complete_bash",
            "COMP_WORDS": "openpose-py --net_res",
            "COMP_CWORD": "1",
        }
    )
    assert "--net_resolution" in shown.out.split()
    assert "--net_resolution_dynamic" in shown.out.split()


def test_a_mistyped_flag_or_command_is_exit_2_in_at_most_two_lines():
    for words in (["--vidoe", "a.mp4"], ["dekode"], ["--video", "a", "--scale_number", "x"]):
        done = openpose_py(*words)
        assert done.code == 2
        assert len(done.lines) <= 2, done.err
    assert openpose_py("--vidoe", "a.mp4").said("--video")
    assert openpose_py("dekode").said("decode")
