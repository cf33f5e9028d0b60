"""What can go wrong for a user, as one tree; the command line prints these without a traceback.

OpenPoseError                    exit code
├── UsageError                   2    a flag, its value, or a combination of flags
│   └── Refused                  2    a flag or model that will not come, with the reason
├── InputError                   3    nothing can be read from a source
├── OutputError                  3    something cannot be written
├── ModelFileError               3    a model file is there but damaged or of another model
├── StageError                   3    a stage failed (out of memory, a missing package)
└── MissingModel                 4    a model file is not there
"""

import difflib
from collections.abc import Iterable

EXIT_DONE = 0
EXIT_SOME_INPUTS_UNREADABLE = 1
EXIT_USAGE = 2
EXIT_FAILED = 3
EXIT_MODEL_MISSING = 4
EXIT_INTERRUPTED = 130


class OpenPoseError(Exception):
    """Base of all errors that a user can cause or repair: what happened, where, what to type."""

    exit_code = EXIT_FAILED

    def __init__(self, what: str, *, where: str = "", hint: str = "") -> None:
        self.what, self.where, self.hint = what, where, hint
        super().__init__(what)

    def short(self) -> str:
        """Where and what, in one line."""
        return f"{self.where}: {self.what}" if self.where else self.what

    def __str__(self) -> str:
        return f"{self.short()}\n  {self.hint}" if self.hint else self.short()


class UsageError(OpenPoseError):
    exit_code = EXIT_USAGE


class Refused(UsageError):
    pass


class InputError(OpenPoseError):
    pass


class OutputError(OpenPoseError):
    pass


class ModelFileError(OpenPoseError):
    pass


class StageError(OpenPoseError):
    pass


class MissingModel(OpenPoseError):
    exit_code = EXIT_MODEL_MISSING


def nearest(name: str, known: Iterable[str]) -> str:
    """ "did you mean X?" for a mistyped name, or an empty string. Letter case does not count."""
    by_lower = {one.lower(): one for one in known}
    close = difflib.get_close_matches(name.lower(), by_lower, n=1)
    return f"did you mean {by_lower[close[0]]}?" if close else ""
