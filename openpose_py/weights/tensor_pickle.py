"""Reads the pickles in torch's files without running them: a machine of the few codes they hold.

Nothing is looked up or called. A global is its name, what would be called is a `Call`, and what
lies elsewhere in the file is a `Stored`; the reader of the file makes of them what it knows.
"""

import dataclasses
import pickletools
from collections.abc import Callable
from pathlib import Path
from typing import Any

from openpose_py.errors import ModelFileError

MAX_STEPS = 200_000  # the largest network takes 50,000
MAX_KEY = 256  # characters of a name
MAX_LINE = 512
PROTOCOL = 2  # of torch.save
GET_AGAIN = "the file is damaged or is no weight file: get it again"
SAVE_FLAT = "save it with torch.save(model.state_dict(), path)"


@dataclasses.dataclass(frozen=True)
class Global:
    """`module name` of a function or class."""

    name: str


@dataclasses.dataclass(eq=False)
class Call:
    """A function or class that a usual reader would call. state: what it would set afterwards."""

    function: str
    arguments: tuple[Any, ...]
    state: Any = None


@dataclasses.dataclass(frozen=True, eq=False)
class Stored:
    """Raw numbers elsewhere in the file; parts as torch.save describes them."""

    parts: tuple[Any, ...]


class _Mark:
    pass


TABLE = "collections OrderedDict"
MARK = _Mark()


def read_pickle(data: memoryview, start: int, path: Path) -> tuple[Any, int]:
    """The pickle that begins at `start`, and where it ends: numbers, texts, lists, tuples, tables
    and the classes above. Tables of any kind are plain ones."""
    stream = _Stream(data, start)
    return _Machine(path).run(stream), stream.at


class _Stream:
    """What pickletools needs of a file; it makes no room for more bytes than there are."""

    def __init__(self, data: memoryview, at: int) -> None:
        self._data, self.at = data, at

    def read(self, size: int) -> bytes:
        chunk = bytes(self._data[self.at : self.at + size])
        self.at += len(chunk)
        return chunk

    def readline(self) -> bytes:
        line, end, _ = bytes(self._data[self.at : self.at + MAX_LINE]).partition(b"\n")
        self.at += len(line) + len(end)
        return line + end

    def tell(self) -> int:
        return self.at


class _Machine:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._stack: list[Any] = []
        self._memo: dict[int, Any] = {}
        self._actions: dict[str, Callable[[Any], None]] = {
            "MARK": lambda _: self._stack.append(MARK),
            "NONE": lambda _: self._stack.append(None),
            "NEWTRUE": lambda _: self._stack.append(True),
            "NEWFALSE": lambda _: self._stack.append(False),
            "EMPTY_DICT": lambda _: self._stack.append({}),
            "EMPTY_LIST": lambda _: self._stack.append([]),
            "EMPTY_TUPLE": lambda _: self._stack.append(()),
            "GLOBAL": lambda name: self._stack.append(Global(name)),
            "BINGET": self._get, "LONG_BINGET": self._get,
            "BINPUT": self._put, "LONG_BINPUT": self._put,
            "TUPLE": lambda _: self._stack.append(tuple(self._since_mark())),
            "TUPLE1": lambda _: self._tuple(1),
            "TUPLE2": lambda _: self._tuple(2),
            "TUPLE3": lambda _: self._tuple(3),
            "APPEND": lambda _: self._append([self._stack.pop()]),
            "APPENDS": lambda _: self._append(self._since_mark()),
            "SETITEM": lambda _: self._set_items([self._stack.pop(-2), self._stack.pop()]),
            "SETITEMS": lambda _: self._set_items(self._since_mark()),
            "BINPERSID": lambda _: self._stored(), "REDUCE": lambda _: self._call(),
            "NEWOBJ": lambda _: self._call(), "BUILD": lambda _: self._build(),
            "POP": lambda _: self._drop(),
        }  # fmt: skip
        for code in ("BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT", "BINUNICODE",
                     "SHORT_BINSTRING", "BINSTRING", "BINBYTES", "SHORT_BINBYTES"):  # fmt: skip
            self._actions[code] = self._stack.append

    def run(self, stream: _Stream) -> Any:
        codes = pickletools.genops(stream)  # type: ignore[arg-type]
        for step, (code, value, _) in enumerate(codes):
            if step > MAX_STEPS:
                raise self._wrong("has a table that never ends")
            if code.name == "PROTO":
                if value != PROTOCOL:
                    raise self._wrong(f"is pickled in protocol {value}", SAVE_FLAT)
            elif code.name == "STOP":
                break
            elif code.name not in self._actions:
                raise self._wrong(f"holds pickled objects ({code.name})", SAVE_FLAT)
            else:
                self._actions[code.name](value)
        return self._stack.pop()

    def _get(self, number: int) -> None:
        self._stack.append(self._memo[number])

    def _put(self, number: int) -> None:
        self._memo[number] = self._stack[-1]

    def _since_mark(self) -> list[Any]:
        place = len(self._stack) - 1
        while self._stack[place] is not MARK:
            place -= 1
        values = self._stack[place + 1 :]
        del self._stack[place:]
        return values

    def _tuple(self, length: int) -> None:
        values = [self._stack.pop() for _ in range(length)]
        self._stack.append(tuple(values[::-1]))

    def _append(self, values: list[Any]) -> None:
        target = self._stack[-1]
        if not isinstance(target, list):
            raise self._wrong("adds to what is no list")
        target.extend(values)

    def _set_items(self, values: list[Any]) -> None:
        target = self._stack[-1]
        if not isinstance(target, dict):
            raise self._wrong("sets a key of what is no table")
        target.update(self._checked(zip(values[::2], values[1::2], strict=True)))

    def _checked(self, pairs: Any) -> dict[Any, Any]:
        found = {}
        for key, value in pairs:
            is_text = isinstance(key, str) and len(key) <= MAX_KEY
            if not is_text and type(key) is not int:
                raise self._wrong("has a key that is no name", SAVE_FLAT)
            found[key] = value
        return found

    def _stored(self) -> None:
        parts = self._stack.pop()
        if not isinstance(parts, tuple):
            raise self._wrong("points to numbers in no known way")
        self._stack.append(Stored(parts))

    def _call(self) -> None:
        arguments, function = self._stack.pop(), self._stack.pop()
        if not isinstance(function, Global) or not isinstance(arguments, tuple):
            raise self._wrong("holds pickled objects", SAVE_FLAT)
        if function.name == TABLE:
            self._stack.append(self._checked(arguments[0]) if arguments else {})
        else:
            self._stack.append(Call(function.name, arguments))

    def _build(self) -> None:
        """What a table remembers beside its keys (torch notes versions there) is left out."""
        state, target = self._stack.pop(), self._stack[-1]
        if isinstance(target, Call):
            target.state = state

    def _drop(self) -> None:
        self._stack.pop()

    def _wrong(self, what: str, hint: str = GET_AGAIN) -> ModelFileError:
        return ModelFileError(what, where=str(self._path), hint=hint)
