"""Stage 3 of 5: maps -> people. What the decoder is told, and what its steps hand on."""

import dataclasses

import numpy as np

from openpose_py.zoo.cards import ModelCard

MAX_PEAKS = 127  # OpenPose's capacity a part


@dataclasses.dataclass(frozen=True)
class DecodeOptions:
    """Thresholds of the decoder. OpenPose's names stand behind each."""

    peak_threshold: float  # nms_threshold
    limb_sample: float  # connect_inter_threshold
    limb_share: float  # connect_inter_min_above_threshold
    min_parts: int  # connect_min_subset_cnt
    min_score: float  # connect_min_subset_score
    maximize_positives: bool = False
    max_peaks: int = MAX_PEAKS  # the first so many of a part in raster order; 0: all
    upsampling_ratio: float = 0  # net pixels a map cell; 0: the network's stride


@dataclasses.dataclass(frozen=True, slots=True)
class Links:
    """Pairs of peaks that a limb joins, in the order of limb, first peak, second peak.

    index: int32 (links, 3): limb, peak of its first part, peak of its second part; peaks are
    counted from 0 within their part. scores: float32 (links,), all above 1e-6.
    """

    index: np.ndarray
    scores: np.ndarray


@dataclasses.dataclass(frozen=True, slots=True)
class Groups:
    """Peaks that links hold together: people before the weak ones are removed.

    peaks: int32 (groups, parts), the peak of each part counted from 0 within the part, or -1.
    scores: float32 (groups,), sum of the scores of peaks and links.
    """

    peaks: np.ndarray
    scores: np.ndarray


def options_for(
    card: ModelCard, maximize_positives: bool = False, max_peaks: int = MAX_PEAKS
) -> DecodeOptions:
    """The thresholds of a model card."""
    chosen = card.maximize_positives if maximize_positives else card.thresholds
    return DecodeOptions(
        peak_threshold=chosen.peak,
        limb_sample=chosen.limb_sample,
        limb_share=chosen.limb_share,
        min_parts=chosen.parts,
        min_score=chosen.score,
        maximize_positives=maximize_positives,
        max_peaks=max_peaks,
    )
