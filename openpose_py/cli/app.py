"""The command `openpose-py`: flags alone run like OpenPose's demo; else `openpose-py NAME`.

Nothing heavy is imported here: `--help` and `--version` answer at once.
"""

import importlib
import mimetypes
import os
import sys
import traceback
from pathlib import Path
from typing import Annotated, Any

import typer

from openpose_py.cli.export import main as export
from openpose_py.cli.gflags import plain
from openpose_py.cli.signature import with_flags
from openpose_py.cli.train import main as train
from openpose_py.errors import EXIT_INTERRUPTED, EXIT_USAGE, OpenPoseError, UsageError, nearest
from openpose_py.settings import Flag

# name, module below openpose_py.cli that holds a function of that name
COMMANDS = {"decode": "decode_maps", "eval": "evaluate", "train": "train", "export": "export"}
WITH_RUN_FLAGS = ("decode", "eval")  # the others have flags of their own only
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
    command = words[0] if words and words[0] in COMMANDS else ""
    app = typer.Typer(
        add_completion=True, rich_markup_mode="rich", pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["--help"], "max_content_width": 120},
    )  # fmt: skip
    app.callback(invoke_without_command=True)(with_flags(run, not command))
    app.command()(with_flags(decode, command == "decode"))
    app.command("train")(train)
    app.command("export")(export)
    app.command("eval")(with_flags(evaluate, command == "eval", _own_flags(command)))
    return app


def _own_flags(command: str) -> tuple[Flag, ...]:
    """Flags that only this command has."""
    if command != "eval":
        return ()
    from openpose_py.evaluate.options import options

    return tuple(options())


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
    _call("run", values)


def decode(
    maps: Annotated[str, typer.Argument(help="A .npz file of network maps, or a folder of them.")],
    **values: Any,
) -> None:
    """Everything after the network, on stored maps (see --write_maps): thresholds without waiting.

    openpose-py decode maps/ --write_json out/ --write_images out/
    """
    _call(COMMANDS["decode"], {"maps": maps, **values})


def evaluate(
    truth: Annotated[str, typer.Argument(help="Ground truth: COCO's format, or joints.")] = "",
    candidates: Annotated[
        list[str] | None,
        typer.Argument(help="Results, weights, folders of them, or models; none: --model_pose."),
    ] = None,
    **values: Any,
) -> None:
    """How well people are found: COCO's AP and AR, PCK and PCKh.

    openpose-py eval person_keypoints.json out/ --model_pose BODY_25
    """
    _call(COMMANDS["eval"], {"truth": truth, "paths": candidates or [], **values})


def _call(module: str, values: dict[str, Any]) -> None:
    code = importlib.import_module(f"openpose_py.cli.{module}").main(**values)
    raise SystemExit(code)
