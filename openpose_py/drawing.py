"""What is drawn on a frame: bodies, faces and hands in the wanted looks, or a view of the maps."""

import numpy as np

from openpose_py.checks import draws
from openpose_py.keys import Action, Command
from openpose_py.records import Geometry, Result
from openpose_py.settings import Settings
from openpose_py.stages.pictures import keypoints_cpu, keypoints_ellipse
from openpose_py.stages.pictures.canvas import output_canvas
from openpose_py.stages.pictures.heat_elements import heat_element
from openpose_py.stages.pictures.heat_views import draw_heat_view
from openpose_py.zoo.skeletons import Skeleton

AUTOMATIC, NONE, CPU_LOOK, GPU_LOOK = -1, 0, 1, 2  # --render_pose, --face_render, --hand_render


class Drawing:
    """maps: the skeleton of the network's maps; shown: that of the people. on_gpu: whether the
    automatic look is that of OpenPose's CUDA build."""

    def __init__(self, settings: Settings, maps: Skeleton, shown: Skeleton, on_gpu: bool) -> None:
        self._settings, self._maps, self._shown = settings, maps, shown
        self.wanted = draws(settings) or settings.render_pose > 0
        automatic = GPU_LOOK if on_gpu else CPU_LOOK
        body = settings.render_pose
        self._body = automatic if body == AUTOMATIC else body
        self._face = self._body if settings.face_render == AUTOMATIC else settings.face_render
        self._hand = self._body if settings.hand_render == AUTOMATIC else settings.hand_render
        self.element = settings.part_to_show
        self._blends, self._googly = not settings.disable_blending, False
        if self.element:
            heat_element(maps, self.element)  # complains before the first frame

    def change(self, command: Command) -> None:
        """What a key asks for, from the next frame on."""
        if command.action is Action.BLENDING:
            self._blends = not self._blends
        elif command.action is Action.GOOGLY_EYES:
            self._googly = not self._googly
        elif command.action is Action.ELEMENT:
            self.element = int(command.amount)

    def of(self, result: Result, geometry: Geometry) -> np.ndarray:
        """uint8 (height, width, 3), B G R, of the output's size. Keypoints are in frame pixels."""
        settings = self._settings
        canvas = output_canvas(result.frame.pixels, geometry)
        if self.element and result.maps and result.maps.scales:
            alpha = settings.alpha_heatmap if self._blends else 1.0
            ratio = settings.upsampling_ratio
            return draw_heat_view(canvas, result.maps, self._maps, self.element, alpha, ratio)
        if not self._blends:
            canvas[:] = 0
        canvas = self._bodies(canvas, _moved(result.people.keypoints, geometry))
        if result.faces is not None:
            canvas = self._faces(canvas, _moved(result.faces, geometry))
        if result.hands is not None:
            hands = _moved(result.hands, geometry)
            canvas = self._hands(canvas, hands.reshape(-1, *hands.shape[2:]))
        return canvas

    def _bodies(self, canvas: np.ndarray, keypoints: np.ndarray) -> np.ndarray:
        threshold = self._settings.render_threshold
        if self._body == GPU_LOOK:
            alpha = self._settings.alpha_pose
            return keypoints_ellipse.draw_people(
                canvas, keypoints, self._shown, threshold, alpha, googly=self._googly
            )
        if self._body == CPU_LOOK:
            return keypoints_cpu.draw_people(canvas, keypoints, self._shown, threshold)
        return canvas

    def _faces(self, canvas: np.ndarray, faces: np.ndarray) -> np.ndarray:
        threshold = self._settings.face_render_threshold
        if self._face == GPU_LOOK:
            alpha = self._settings.face_alpha_pose
            return keypoints_ellipse.draw_faces(canvas, faces, threshold, alpha)
        if self._face == CPU_LOOK:
            return keypoints_cpu.draw_faces(canvas, faces, threshold)
        return canvas

    def _hands(self, canvas: np.ndarray, hands: np.ndarray) -> np.ndarray:
        threshold = self._settings.hand_render_threshold
        if self._hand == GPU_LOOK:
            alpha = self._settings.hand_alpha_pose
            return keypoints_ellipse.draw_hands(canvas, hands, threshold, alpha)
        if self._hand == CPU_LOOK:
            return keypoints_cpu.draw_hands(canvas, hands, threshold)
        return canvas


def _moved(keypoints: np.ndarray, geometry: Geometry) -> np.ndarray:
    """keypoints (..., 3) from frame to output pixels."""
    moved = keypoints.copy()
    moved[..., :2] *= np.float32(geometry.frame_to_output)
    return moved
