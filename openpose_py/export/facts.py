"""What an exported file says about itself: one JSON text in the metadata of its format."""

import dataclasses
import json

from openpose_py.errors import ModelFileError

KEY = "openpose_py"  # of the text in a file's metadata
BAKED = "none"  # the normalisation of a file that takes the values 0 to 255 as they are


@dataclasses.dataclass(frozen=True)
class Facts:
    """network, normalisation: as in model cards. channels: their order in the input, which is
    float32 (n, 3, height, width), BGR or RGB. maps: the outputs that are the model's maps when put
    side by side. size: height and width that the file is bound to, or empty."""

    network: str
    model: str
    skeleton: str
    normalisation: str
    channels: str
    stride: int
    input: str
    maps: tuple[str, ...]
    size: tuple[int, ...] = ()
    precision: str = "fp32"
    calibrated: str = ""  # digest of the pictures of an int8 file

    def text(self) -> str:
        return json.dumps(dataclasses.asdict(self))


def read_facts(text: str, where: str) -> Facts:
    """text: as `Facts.text` wrote it, empty if the file has none."""
    if not text:
        what = "does not say what it holds: it was not written by `openpose-py export`"
        raise ModelFileError(what, where=where, hint="export the weights again")
    try:
        table = json.loads(text)
        lists = {key: tuple(table[key]) for key in ("maps", "size")}
        return Facts(**{**table, **lists})
    except (ValueError, KeyError, TypeError) as problem:
        raise ModelFileError(f"says nothing readable about itself: {problem}", where=where,
                             hint="export the weights again") from problem  # fmt: skip
