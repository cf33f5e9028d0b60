"""OpenPose's spelling of flags into one plain spelling, before Typer sees them.

Accepted: --name value, --name=value, -name value, hyphens for underscores, --noname, --name false,
hexadecimal integers, and --flagfile FILE. What is not a flag is left as it is.
"""

import dataclasses
import shlex
from collections.abc import Iterable
from pathlib import Path

from openpose_py.errors import UsageError, nearest
from openpose_py.settings import Flag, flags

TRUE = ("1", "t", "true", "y", "yes")
FALSE = ("0", "f", "false", "n", "no")
OFF = "--no "  # marks a switch that is set to false: all are false unless named
FLAGFILE_DEPTH = 10  # a file that names itself must end


@dataclasses.dataclass(frozen=True)
class Names:
    """The rows of the table by name, and the words that Typer itself knows."""

    rows: dict[str, Flag]
    own: frozenset[str] = frozenset(("help", "version", "install-completion", "show-completion"))


def plain(words: list[str], more: Iterable[Flag] = ()) -> list[str]:
    """The command line as `--name=value` and `--name` words; the last of equal flags wins.

    more: flags that only one command has.
    """
    names = Names({flag.name: flag for flag in (*flags(), *more)})
    flags_: dict[str, str] = {}
    others: list[str] = []
    for word in _plain(words, names, 0):
        if word.startswith("--"):
            flags_[word.partition("=")[0].replace(OFF, "--", 1)] = word
        else:
            others.append(word)
    return others + [word for word in flags_.values() if not word.startswith(OFF)]


def _plain(words: list[str], names: Names, depth: int) -> Iterable[str]:
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word == "--":
            return
        if not _is_flag(word):
            yield word
            continue
        name, has_value, value = word.lstrip("-").partition("=")
        name = name.replace("-", "_")
        if name == "flagfile":
            yield from _flagfile(value if has_value else _next(rest, name), names, depth)
        elif name in names.rows:
            yield _one(names.rows[name], value if has_value else None, rest)
        elif name.startswith("no") and name[2:] in names.rows:
            yield _negated(names.rows[name[2:]], bool(has_value))
        elif name.replace("_", "-") in names.own or word in ("-h", "-v"):
            yield {"-h": "--help", "-v": "--version"}.get(word, "--" + word.lstrip("-"))
        else:
            raise UsageError("there is no such flag", where=word.partition("=")[0],
                             hint=_did_you_mean(name, names))  # fmt: skip


def _is_flag(word: str) -> bool:
    """-x, --x and --3d are flags; an input, a lone dash and a number such as -1 are not."""
    first = word.lstrip("-")[:1]
    return word.startswith("-") and (first.isalpha() or word.lstrip("-").startswith("3d"))


def _one(flag: Flag, value: str | None, rest: list[str]) -> str:
    if flag.type is not bool:
        value = _next(rest, flag.name) if value is None else value
        return f"--{flag.name}={_number(flag, value)}"
    if value is None and rest and rest[0].lower() in (*TRUE, *FALSE):
        value = rest.pop(0)
    if value is None or value.lower() in TRUE:
        return f"--{flag.name}"
    if value.lower() in FALSE:
        return OFF + flag.name
    raise UsageError(f"must be true or false, got {value!r}", where=f"--{flag.name}")


def _number(flag: Flag, value: str) -> str:
    """A number in a spelling that Python reads; OpenPose's largest 64-bit number is -1."""
    if flag.type is str:
        return value
    try:
        if flag.type is float:
            return repr(float(value))
        sign, digits = ("-", value[1:]) if value.startswith("-") else ("", value.lstrip("+"))
        number = int(sign + digits, 16 if digits.lower().startswith("0x") else 10)
    except ValueError:
        wanted = "a number" if flag.type is float else "a whole number"
        raise UsageError(f"wants {wanted}, got {value!r}", where=f"--{flag.name}") from None
    if flag.name == "frame_last" and number == (1 << 64) - 1:
        number = -1
    if not -(1 << 63) <= number < 1 << 63:
        raise UsageError(f"{value} is out of range", where=f"--{flag.name}")
    return str(number)


def _negated(flag: Flag, has_value: bool) -> str:
    if flag.type is not bool or has_value:
        hint = f"use --{flag.name} VALUE"
        raise UsageError("is not a switch", where=f"--no{flag.name}", hint=hint)
    return OFF + flag.name


def _next(rest: list[str], name: str) -> str:
    if not rest:
        raise UsageError("a value is missing", where=f"--{name}")
    return rest.pop(0)


def _flagfile(path: str, names: Names, depth: int) -> Iterable[str]:
    """The flags of a file, one or several a line; lines that begin with # are comments."""
    if depth >= FLAGFILE_DEPTH:
        raise UsageError("names itself, again and again", where=f"--flagfile {path}")
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
        words = [w for line in lines for w in shlex.split(line, comments=True)]
    except (OSError, UnicodeDecodeError, ValueError) as problem:
        raise UsageError(f"cannot be read: {problem}", where=f"--flagfile {path}") from problem
    yield from _plain(words, names, depth + 1)


def _did_you_mean(name: str, names: Names) -> str:
    if name == "webcam":
        return "did you mean --camera 0?"
    near = nearest(name, names.rows)
    return near.replace("did you mean ", "did you mean --") or "type: openpose-py --help"
