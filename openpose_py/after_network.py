"""The stages after the network for one model: maps -> people -> pictures."""

import dataclasses

import numpy as np

from openpose_py.drawing import Drawing
from openpose_py.keys import Command, with_threshold
from openpose_py.records import Frame, Maps, Peaks, People, Result
from openpose_py.settings import Settings
from openpose_py.stages.people.decoders import Decoder, decoder_of
from openpose_py.stages.people.heat_maps import (
    HeatMapOptions,
    chosen_channels,
    export_heat_maps,
)
from openpose_py.stages.people.keep_best import keep_best
from openpose_py.stages.people.map_parts import map_parts, skeleton_wanted
from openpose_py.stages.people.options import options_for
from openpose_py.stages.people.scale_keypoints import scale_keypoints
from openpose_py.stages.people.split_whole_body import has_faces_and_hands, split_whole_body
from openpose_py.zoo.cards import ModelCard
from openpose_py.zoo.skeletons import read_skeleton


class AfterNetwork:
    """runs: the model that made the maps. asked: the one whose parts are wanted, if another."""

    def __init__(
        self,
        settings: Settings,
        runs: ModelCard,
        asked: ModelCard | None = None,
        on_gpu: bool = False,
    ) -> None:
        self.settings = settings
        self.skeleton = read_skeleton(runs.skeleton)
        self.shown = read_skeleton((asked or runs).skeleton)
        if settings.keypoints:
            self.shown = skeleton_wanted(settings.keypoints, self.skeleton)
        options = options_for(runs, settings.maximize_positives, settings.max_peaks)
        self._options = dataclasses.replace(options, upsampling_ratio=settings.upsampling_ratio)
        self._decode = self._decoder()
        self._drawing = Drawing(settings, self.skeleton, self.shown, on_gpu)
        self._heat_maps = _exported(settings)
        if self._heat_maps:
            chosen_channels(self.skeleton, self._heat_maps)  # complains before the first frame
        fields = settings.face or settings.hand
        self._splits = fields and has_faces_and_hands(self.shown)

    def change(self, command: Command) -> None:
        """What a key asks for: thresholds here, the rest in the drawing."""
        self._options = with_threshold(self._options, command)
        self._decode = self._decoder()
        self._drawing.change(command)

    def _decoder(self) -> Decoder:
        settings = self.settings
        return decoder_of(settings.decoder, self.skeleton, self._options, settings.scale_number)

    def people(self, frame: Frame, maps: Maps) -> Result:
        """Who is in the frame, in frame pixels. Maps without a scale: no network ran for it."""
        if not maps.scales:
            return Result(frame, People.nobody(len(self.shown.parts)), maps.geometry)
        people, peaks = self._decode(maps)
        stretch = np.float32(maps.geometry.stretch)  # decoders take the factor along x for both
        if stretch != 1:
            people.keypoints[..., 1] *= stretch
        people = keep_best(self._mapped(people), self.settings.number_people_max)
        candidates = heat_maps = None
        if self.settings.part_candidates:
            table = peaks.table.copy()
            table[:, :2] *= np.float32(maps.geometry.net_to_frame)
            table[:, 1] *= stretch
            candidates = Peaks(table, peaks.starts)
        if self._heat_maps:
            heat_maps = export_heat_maps(maps, self.skeleton, self._heat_maps)
        wanted = self.settings.write_maps or self._drawing.element
        kept = maps if wanted else None
        return Result(frame, people, maps.geometry, candidates, maps=kept, heat_maps=heat_maps)

    def of_crops(self, result: Result) -> Result:
        """What a top-down model found, with the wanted parts."""
        return dataclasses.replace(result, people=self._mapped(result.people))

    def _mapped(self, people: People) -> People:
        if self.shown is self.skeleton:
            return people
        return map_parts(people, self.skeleton, self.shown)

    def picture(self, result: Result) -> Result:
        """The result with its drawn picture, and with keypoints in the saved coordinates."""
        geometry, mode = result.geometry, self.settings.keypoint_scale
        if geometry is None:
            return result
        picture = self._drawing.of(result, geometry) if self._drawing.wanted else None

        def scaled(keypoints: np.ndarray) -> np.ndarray:
            return scale_keypoints(keypoints, mode, geometry)

        people = dataclasses.replace(result.people, keypoints=scaled(result.people.keypoints))
        faces, hands, candidates = result.faces, result.hands, result.candidates
        if self._splits:
            pose, faces, left, right = split_whole_body(people.keypoints, self.shown)
            people, hands = People(pose, people.scores), np.stack([left, right])
        else:
            faces = None if faces is None else scaled(faces)
            hands = None if hands is None else scaled(hands)
        if candidates is not None:
            candidates = dataclasses.replace(candidates, table=scaled(candidates.table))
        return dataclasses.replace(
            result, picture=picture, people=people, candidates=candidates, faces=faces, hands=hands
        )


def _exported(settings: Settings) -> HeatMapOptions | None:
    if not settings.write_heatmaps:
        return None
    return HeatMapOptions(
        settings.heatmaps_add_parts,
        settings.heatmaps_add_bkg,
        settings.heatmaps_add_PAFs,
        settings.heatmaps_scale,
        settings.upsampling_ratio,
    )
