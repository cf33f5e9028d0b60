"""The golden decoder scenes as records: what OpenPose answered to stored network maps."""

import dataclasses
from pathlib import Path

import numpy as np

from openpose_py.records import Geometry, Maps, Peaks
from openpose_py.stages.people.options import DecodeOptions, Groups, Links
from openpose_py.zoo.skeletons import Skeleton, read_skeleton

FOLDER = Path(__file__).parents[1] / "golden" / "decoder"
NAMES = [path.stem for path in sorted(FOLDER.glob("[BCM]*.npz"))]
# of each kind one, quick enough for the definition in plain numpy
QUICK = [
    "BODY_25_tiny_full", "BODY_25_tiny_full_scales2", "BODY_25B_tiny_full", "COCO_tiny_full",
    "MPI_five_mp", "MPI_empty", "COCO_merge_conflict", "COCO_scales2", "BODY_25_five_portrait",
    "BODY_25_plateau", "BODY_25_border_peaks", "BODY_25B_one", "BODY_135_one_mp",
]  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Scene:
    maps: Maps
    skeleton: Skeleton
    options: DecodeOptions
    answers: dict[str, np.ndarray]

    @property
    def peaks(self) -> Peaks:
        stored = self.answers["cuda_peaks"]
        counts = stored[:, 0, 0].astype(int)
        rows = [stored[part, 1 : count + 1] for part, count in enumerate(counts)]
        return Peaks(np.concatenate(rows), np.cumsum([0, *counts]))

    @property
    def best_first(self) -> np.ndarray:
        """For each link of the stored, sorted list: its number in the order of `Links`."""
        return np.argsort(np.lexsort(self.answers["cuda_conn_index"].T[::-1]))

    @property
    def links(self) -> Links:
        stored = self.answers["cuda_conn_index"].astype(np.int32)
        order = np.lexsort(stored.T[::-1])
        from_zero = stored[order] - np.array([0, 1, 1], np.int32)
        return Links(from_zero, self.answers["cuda_conn_scores"][order, 1])

    @property
    def groups(self) -> Groups:
        rows = self.answers["cuda_people_rows"][:, :-1]
        first = np.arange(rows.shape[1]) * 128 + 1  # stored: (part * 128 + number) * 3 + 2, 0: none
        peaks = np.where(rows > 0, (rows - 2) // 3 - first, -1).astype(np.int32)
        return Groups(peaks, self.answers["cuda_people_scores"])


def scene(name: str) -> Scene:
    with np.load(FOLDER / f"{name}.npz") as file:
        stored = {key: file[key] for key in file.files}
    size = tuple(stored["producer_size"].tolist())
    geometry = Geometry(
        frame_size=size,
        net_sizes=tuple(map(tuple, stored["net_input_sizes"].tolist())),
        frame_to_net=tuple(stored["scale_input_to_net_inputs"].tolist()),
        output_size=size,
        frame_to_output=1.0,
        net_to_frame=float(stored["scale_net_to_output"]),
        peak_offset=float(stored["nms_offset"]),
    )
    options = DecodeOptions(
        peak_threshold=float(stored["nms_threshold"]),
        limb_sample=float(stored["connect_inter_threshold"]),
        limb_share=float(stored["connect_inter_min_above_threshold"]),
        min_parts=int(stored["connect_min_subset_cnt"]),
        min_score=float(stored["connect_min_subset_score"]),
        maximize_positives=bool(stored["maximize_positives"]),
        max_peaks=int(stored["max_peaks"]),
    )
    scales = tuple(stored[f"maps_{n}"] for n in range(len(geometry.net_sizes)))
    skeleton = read_skeleton(str(stored["model"]))
    return Scene(Maps(scales, geometry), skeleton, options, stored)
