"""The command `openpose-py`: flags alone run like OpenPose's demo; else `openpose-py NAME`.

Nothing heavy is imported here: `--help` and `--version` answer at once.
"""

import gc
import importlib
import mimetypes
import os
import sys
import traceback
from pathlib import Path
from typing import Annotated, Any

import typer

from openpose_py.cli.gflags import plain
from openpose_py.cli.signature import with_flags
from openpose_py.errors import EXIT_INTERRUPTED, EXIT_USAGE, OpenPoseError, UsageError, nearest
from openpose_py.settings import Flag

# files of openpose_py.cli.commands; each holds `main`, or `app` where it has commands of its own
COMMANDS = (
    "decode", "eval", "train", "export", "models", "report", "view", "convert", "batch",
    "doctor", "bench",
)  # fmt: skip
# those that take the flags of a run, and the module whose `options()` are their further flags
WITH_RUN_FLAGS = {"decode": "", "eval": "openpose_py.evaluate.options",
                  "view": "openpose_py.report.view_options",
                  "batch": "openpose_py.batch.options"}  # fmt: skip
TRACEBACKS = "0"  # --logging_level


def main() -> None:
    """Entry point of the installed command; ends the process with the run's exit code."""
    words = sys.argv[1:]
    try:
        if "_OPENPOSE_PY_COMPLETE" not in os.environ:
            words = _plain(words)
        code = _app(words)(words, prog_name="openpose-py", standalone_mode=False)
        if code == EXIT_INTERRUPTED:  # what Typer makes of Ctrl-C
            raise KeyboardInterrupt
        sys.exit(code or 0)
    except OpenPoseError as error:
        if f"--logging_level={TRACEBACKS}" in words:
            traceback.print_exc()
        _fail(str(error), error.exit_code)
    except KeyboardInterrupt:
        _fail("interrupted", EXIT_INTERRUPTED)
    except Exception as error:
        if not hasattr(error, "format_message"):  # not Typer's own complaint about the words typed
            raise
        command = f"{words[0]} " if words and words[0] in COMMANDS else ""
        _fail(f"{error.format_message()}\n  type: openpose-py {command}--help", EXIT_USAGE)
    finally:
        gc.freeze()  # Python would look through all that is loaded once more: half a second


def _plain(words: list[str]) -> list[str]:
    if words and words[0] in WITH_RUN_FLAGS:
        return [words[0], *plain(words[1:], _own_flags(words[0]))]
    if words and words[0] in COMMANDS:
        return words
    words = plain(words)
    if words and words[0] not in COMMANDS and not words[0].startswith("--"):
        raise UsageError(f"there is no command {words[0]!r}", hint=_meant_by(words[0]))
    return words


def _meant_by(word: str) -> str:
    """A hint at the flag that a bare word may have been meant for."""
    kind = mimetypes.guess_type(word)[0] or ""
    if Path(word).is_dir():
        return f"for a folder of pictures: --image_dir {word}"
    if kind.startswith("video/"):
        return f"for a video: --video {word}"
    if kind.startswith("image/"):
        return f"pictures are read by the folder: --image_dir {Path(word).parent}"
    return nearest(word, COMMANDS) or "type: openpose-py --help"


def _fail(text: str, code: int) -> None:
    print(f"openpose-py: {text}", file=sys.stderr)
    sys.exit(code)


def _app(words: list[str]) -> typer.Typer:
    """The program; only the command that is called gets its hundred flags, for speed."""
    called = words[0] if words and words[0] in COMMANDS else ""
    app = typer.Typer(
        add_completion=True, rich_markup_mode="rich", pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["--help"], "max_content_width": 120},
    )  # fmt: skip
    app.callback(invoke_without_command=True)(with_flags(run, not called))
    for name in COMMANDS:
        module = importlib.import_module(f"openpose_py.cli.commands.{name}")
        if hasattr(module, "app"):
            app.add_typer(module.app, name=name)
        elif name in WITH_RUN_FLAGS:
            own = _own_flags(name) if name == called else ()
            app.command(name)(with_flags(module.main, name == called, own))
        else:
            app.command(name)(module.main)
    return app


def _own_flags(command: str) -> tuple[Flag, ...]:
    """Flags that only this command has."""
    module = WITH_RUN_FLAGS[command]
    return tuple(importlib.import_module(module).options()) if module else ()


def run(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
    **values: Any,
) -> None:
    """People in pictures and videos into skeletons, with OpenPose's flags.

    openpose-py --video walk.mp4 --write_json out/ --write_video walk_drawn.mp4
    """
    if context.invoked_subcommand:
        return
    if version:
        from importlib.metadata import version as version_of

        print(f"openpose-py {version_of('openpose-py')}")
        return
    from openpose_py.cli.run import main as run_flags

    raise SystemExit(run_flags(**values))
