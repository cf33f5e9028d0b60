"""Stage 5 of 5: results -> files. Keypoints as OpenCV's FileStorage lays them out.

The text is that of OpenCV 4.6, whichever version is installed; every version reads it.
"""

import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from openpose_py.errors import UsageError
from openpose_py.records import Result
from openpose_py.stages.writers.whole_file import write_whole

MARGIN = 71  # a value that would end behind this column begins a line; OpenCV's wrap margin
INT32 = range(-(2**31), 2**31)  # whole numbers in it are written without an exponent


class KeypointStorage:
    """Writes `<folder>/<frame name>_pose.<format>`; `_face`, `_hand_left` and `_hand_right` where
    these were looked for. views: results a time step; they stand in one file, as `pose_0`, ..."""

    def __init__(self, folder: Path, format: str, views: int = 1) -> None:
        if format not in LAYOUTS:
            raise UsageError(
                f"must be one of {', '.join(LAYOUTS)}, got {format!r}",
                where="--write_keypoint_format",
            )
        self.folder = folder
        self.format = format
        self._views = views
        self._step: list[Result] = []

    def write(self, result: Result) -> None:
        self._step.append(result)
        if len(self._step) < self._views:
            return
        step, self._step = self._step, []
        kinds = [_arrays(view) for view in step]
        for kind in kinds[0]:
            matrices = {f"{kind}_{view}": arrays[kind] for view, arrays in enumerate(kinds)}
            path = self.folder / f"{step[0].frame.file_stem(kind)}.{self.format}"
            write_whole(path, storage_file(matrices, self.format))

    def close(self) -> None:
        """Nothing to do: every file is complete as soon as it is there."""


def _arrays(result: Result) -> dict[str, np.ndarray]:
    """What was looked for: (people, parts, 3) each."""
    arrays = {"pose": result.people.keypoints}
    if result.faces is not None:
        arrays["face"] = result.faces
    if result.hands is not None:
        arrays["hand_left"], arrays["hand_right"] = result.hands
    return arrays


def storage_file(matrices: Mapping[str, np.ndarray], format: str) -> bytes:
    """A file with matrices by name. Each (people, parts, 3): a row a person, a column a part, three
    float32 a cell; without people it has neither rows nor columns."""
    head, between, foot, layout = LAYOUTS[format]
    texts = []
    for name, keypoints in matrices.items():
        values: list[float] = keypoints.astype(np.float32).ravel().tolist()
        rows, columns = keypoints.shape[:2] if values else (0, 0)
        texts.append(layout(name, rows, columns, values))
    return f"{head}{between.join(texts)}{foot}".encode("ascii")


def _yaml(name: str, rows: int, columns: int, values: list[float]) -> str:
    data = _bracketed(_words(values, "."), "   data: [", " " * 7)
    kind = '"3f"' if values else "u"
    return f"{name}: !!opencv-matrix\n   rows: {rows}\n   cols: {columns}\n   dt: {kind}\n{data}\n"


def _xml(name: str, rows: int, columns: int, values: list[float]) -> str:
    data = ""
    if values:
        data = "\n" + _wrapped(_words(values, "."), " " * 3, " " * 4, "")
    kind = '"3f"' if values else "u"
    return (
        f'<{name} type_id="opencv-matrix">\n'
        f"  <rows>{rows}</rows>\n  <cols>{columns}</cols>\n  <dt>{kind}</dt>\n"
        f"  <data>{data}</data></{name}>\n"
    )


def _json(name: str, rows: int, columns: int, values: list[float]) -> str:
    data = _bracketed(_words(values, ".0"), '        "data": [', " " * 12)
    kind = "3f" if values else "u"
    return (
        f'    "{name}": {{\n        "type_id": "opencv-matrix",\n'
        f'        "rows": {rows},\n        "cols": {columns},\n        "dt": "{kind}",\n'
        f"{data}\n    }}"
    )


# what begins a file, stands between its matrices, and ends it; and a matrix
YAML = ("%YAML:1.0\n---\n", "", "", _yaml)
XML = ('<?xml version="1.0"?>\n<opencv_storage>\n', "", "</opencv_storage>\n", _xml)
JSON = ("{\n", ",\n", "\n}\n", _json)
LAYOUTS = {"json": JSON, "xml": XML, "yaml": YAML, "yml": YAML}


def _words(values: list[float], point: str) -> list[str]:
    """point: what follows a whole number."""
    return [_word(value, point) for value in values]


def _word(value: float, point: str) -> str:
    if not math.isfinite(value):
        return ".Nan" if math.isnan(value) else ".Inf" if value > 0 else "-.Inf"
    if value.is_integer() and int(value) in INT32:
        return f"{int(value)}{point}"
    return f"{value:.8e}"


def _bracketed(words: list[str], first: str, indent: str) -> str:
    return f"{_wrapped(words, first, indent, ',')} ]" if words else f"{first}]"


def _wrapped(words: list[str], first: str, indent: str, comma: str) -> str:
    """Lines of words with blanks between; `first` begins the first line, `indent` the others."""
    lines, line = [], f"{first} {words[0]}"
    for word in words[1:]:
        line += comma
        if len(line) + len(word) > MARGIN:
            lines.append(line)
            line = indent + word
        else:
            line += f" {word}"
    return "\n".join([*lines, line])
