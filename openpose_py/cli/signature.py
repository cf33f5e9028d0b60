"""The table of flags as the signature of a Typer command."""

import inspect
from collections.abc import Callable, Iterable
from typing import Annotated, Any

import typer

from openpose_py.settings import PANELS, Flag, flags


def with_flags(
    command: Callable[..., int | None], wanted: bool = True, more: Iterable[Flag] = ()
) -> Callable[..., int | None]:
    """`command` with one keyword a flag after its own parameters, or (faster) without them.

    more: flags that only this command has; they come first.
    """
    own = [
        parameter
        for parameter in inspect.signature(command, eval_str=True).parameters.values()
        if parameter.kind is not inspect.Parameter.VAR_KEYWORD
    ]
    common = sorted(flags() if wanted else (), key=lambda flag: PANELS.index(flag.panel))
    rows = [*more, *common]
    keywords = [
        inspect.Parameter(
            flag.field,
            inspect.Parameter.KEYWORD_ONLY,
            default=flag.default,
            annotation=Annotated[flag.type, _option(flag)],
        )
        for flag in rows
    ]

    def described(**values: Any) -> int | None:
        return command(**values)

    described.__doc__ = command.__doc__
    described.__name__ = command.__name__
    described.__signature__ = inspect.Signature([*own, *keywords])  # type: ignore[attr-defined]
    return described


def _option(flag: Flag) -> Any:
    text = flag.help
    if flag.refused:
        text = f"{text} {flag.refused[0].upper()}{flag.refused[1:]}."
    elif flag.ours:
        text = f"{text} (Not in OpenPose.)"
    shown = flag.default is not False and flag.default != "" and not flag.refused
    return typer.Option(
        f"--{flag.name}",
        help=text,
        rich_help_panel=flag.panel,
        show_default=shown,
        metavar={int: "N", float: "X", str: "TEXT", bool: None}[flag.type],
    )
