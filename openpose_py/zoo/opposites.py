"""Which part stands on the other side of the body: what a mirrored picture exchanges."""

import re

import numpy as np

# Points of a face are numbered around it: number i lies opposite number (first - i) modulo count.
FACE_RINGS = {
    "FaceContour": (16, 17), "NoseLower": (4, 5), "OMouth": (6, 12), "IMouth": (4, 8),
    "REye": (3, 6), "LEye": (3, 6),
}  # fmt: skip


def opposite_parts(parts: tuple[str, ...]) -> np.ndarray:
    """int64 (parts,): the number of the part on the other side, of a part in the middle its own."""
    return np.array([opposite_part(name, parts) for name in parts], np.int64)


def opposite_part(name: str, parts: tuple[str, ...]) -> int:
    """Number of the part on the other side; of a part in the middle its own."""
    found = re.fullmatch(r"([A-Za-z]+?)(\d+)", name)
    if found and found[1] in FACE_RINGS:
        first, count = FACE_RINGS[found[1]]
        name = f"{found[1]}{(first - int(found[2])) % count}"
    other = {"L": "R", "R": "L"}.get(name[0], "") + name[1:]
    return parts.index(other if other in parts else name)
