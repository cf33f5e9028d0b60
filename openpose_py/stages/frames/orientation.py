"""Stage 1 of 5: `--frame_rotate` and `--frame_flip`, turning and mirroring frames as they come."""

import numpy as np


def orient(pixels: np.ndarray, rotate: int, flip: bool) -> np.ndarray:
    """pixels: (height, width, ...), turned counter-clockwise by `rotate` degrees (0, 90, 180, 270).

    With `flip`, the turned picture is then mirrored left-right at 0 and 180 degrees and top-bottom
    at 90 and 270. The result is contiguous, and not a copy where there is nothing to do.
    """
    turned = np.rot90(pixels, rotate // 90)
    if flip:
        turned = turned[::-1] if rotate in (90, 270) else turned[:, ::-1]
    return np.ascontiguousarray(turned)
