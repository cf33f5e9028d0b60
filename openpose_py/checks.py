"""What must hold between flags before a run starts: OpenPose's checks after parsing.

Where OpenPose refuses a run only because work would be wasted, the run goes on without that work
and says so: such sentences are returned as notices.
"""

import math
from collections.abc import Callable

from openpose_py.errors import Refused, UsageError, nearest
from openpose_py.flag_values import net_size_of, size_of
from openpose_py.settings import Flag, Settings, flags

INPUTS = ("image_dir", "video", "ip_camera")
WINDOW_3D = 3  # --display
OPENCV_FACES = 1  # --face_detector
AUDIO_ENDINGS = (".mp4", ".m4v", ".mov")
PRECISIONS = {  # --precision by --engine
    "torch": ("fp32", "bf16", "fp16"),
    "openvino": ("fp32", "bf16", "int8"),
    "onnxruntime": ("fp32",),
}


def check(settings: Settings) -> list[str]:
    """Raises a UsageError for what cannot be done; returns notices."""
    for flag in flags():
        check_value(flag, getattr(settings, flag.field))
    notices: list[str] = []
    for rule in RULES:
        rule(settings, notices)
    return notices


def check_value(flag: Flag, value: object) -> None:
    """One value against its row of the table."""
    where = f"--{flag.name}"
    if type(value) is int and flag.type is float:
        value = float(value)
    if type(value) is not flag.type:
        raise UsageError(f"wants {_spoken(flag.type)}, got {value!r}", where=where)
    if flag.choices and value not in flag.choices:
        choices = ", ".join(str(choice) for choice in flag.choices)
        hint = nearest(value, map(str, flag.choices)) if isinstance(value, str) else ""
        raise UsageError(f"must be one of {choices}, got {value!r}", where=where, hint=hint)
    if isinstance(value, int | float):
        low, high = flag.low, flag.high
        if not math.isfinite(value):
            raise UsageError(f"wants {_spoken(flag.type)}, got {value}", where=where)
        if low is not None and value < low:
            raise UsageError(f"must be at least {low:g}, got {value:g}", where=where)
        if high is not None and value > high:
            raise UsageError(f"must be at most {high:g}, got {value:g}", where=where)
    if value != flag.default and flag.refused:
        raise Refused(f"not in openpose-py: {flag.refused}", where=where)


def _spoken(type_: type) -> str:
    return {int: "a whole number", float: "a number", str: "text", bool: "true or false"}[type_]


def draws(settings: Settings) -> bool:
    """Whether pictures are drawn: only where somebody will see them."""
    face = settings.face and settings.face_render > 0
    hand = settings.hand and settings.hand_render > 0
    any_ = settings.render_pose != 0 or face or hand
    return any_ and settings.num_gpu != 0 and (saves_pictures(settings) or settings.display > 0)


def saves_pictures(settings: Settings) -> bool:
    return bool(settings.write_images or settings.write_video)


def saves_findings(settings: Settings) -> bool:
    """Files that make no sense without a network."""
    return bool(
        settings.write_maps
        or settings.write_heatmaps
        or settings.write_keypoint
        or settings.write_coco_json
        or settings.write_wholebody_json
        or settings.write_alphapose
    )


def saves(settings: Settings) -> bool:
    return saves_pictures(settings) or saves_findings(settings) or bool(settings.write_json)


def _one_input(settings: Settings, notices: list[str]) -> None:
    inputs = [name for name in INPUTS if getattr(settings, name)]
    inputs += ["camera"] if settings.camera > 0 else []
    if len(inputs) > 1:
        named = " and ".join(f"--{name}" for name in inputs)
        raise UsageError("only one input at a time", where=named)
    if settings.process_real_time and settings.image_dir:
        raise UsageError("pictures have no frame rate", where="--process_real_time")
    if settings.process_real_time and saves(settings):
        notices.append("--process_real_time: a slow machine leaves frames out of the files")


def _frames(settings: Settings, notices: list[str]) -> None:
    if 0 <= settings.frame_last < settings.frame_first:
        raise UsageError(
            f"must not be below --frame_first {settings.frame_first}", where="--frame_last"
        )
    if settings.frames_repeat and saves(settings):
        raise UsageError("would write for ever: leave out the --write_ flags",
                         where="--frames_repeat")  # fmt: skip


def _scales(settings: Settings, notices: list[str]) -> None:
    size_of(settings.output_resolution, "output_resolution")
    size_of(settings.camera_resolution, "camera_resolution")
    net_size_of(settings, notices)
    if settings.scale_number > 1 and settings.scale_gap <= 0:
        raise UsageError("must be above 0 with several scales", where="--scale_gap")
    if settings.upsampling_ratio > 64:
        raise UsageError("must be at most 64", where="--upsampling_ratio")


def _body(settings: Settings, notices: list[str]) -> None:
    if settings.body == 0 and not (settings.face and settings.face_detector == OPENCV_FACES):
        raise UsageError(
            "faces and hands are found by the body", where="--body 0",
            hint="only --face --face_detector 1 works without; --num_gpu 0 finds nothing at all",
        )  # fmt: skip
    if settings.body == 2:
        raise UsageError("heat maps must be given", where="--body",
                         hint="type: openpose-py decode FOLDER_OF_MAPS [flags]")  # fmt: skip


def _one_person(settings: Settings, notices: list[str]) -> None:
    one = settings.number_people_max == 1
    if settings.tracking >= 0 and not one:
        raise UsageError("follows one person: add --number_people_max 1", where="--tracking")
    if settings.track and settings.identification:
        raise UsageError("two ways to give ids: choose one", where="--track and --identification")
    if settings.three_d and not one:
        raise UsageError("needs one person: add --number_people_max 1", where="--3d")
    if settings.three_d_min_views in (0, 1):
        raise UsageError("must be at least 2", where="--3d_min_views")


def _gpus(settings: Settings, notices: list[str]) -> None:
    if settings.num_gpu == 0 and max(size_of(settings.output_resolution, "output_resolution")) > 0:
        raise UsageError("needs the network: not with --num_gpu 0", where="--output_resolution")
    if settings.num_gpu > 1 and settings.device != "auto":
        raise UsageError(
            f"--device {settings.device} is one device", where=f"--num_gpu {settings.num_gpu}",
            hint="leave out --device; --num_gpu_start names the first GPU",
        )  # fmt: skip


def _engine(settings: Settings, notices: list[str]) -> None:
    if settings.engine in PRECISIONS:
        precision = "fp32" if settings.precision == "auto" else settings.precision
        check_precision(settings.engine, precision)
    if settings.engine in ("openvino", "onnxruntime") and settings.device not in ("auto", "cpu"):
        raise UsageError("runs on the CPU", where=f"--engine {settings.engine}",
                         hint="leave out --device, or use --engine torch")  # fmt: skip
    if settings.calibration and settings.precision != "int8":
        raise UsageError("is for --precision int8", where="--calibration")


def check_precision(engine: str, precision: str) -> None:
    """Raises if the engine has not that arithmetic."""
    if precision not in PRECISIONS[engine]:
        fits = ", ".join(name for name, known in PRECISIONS.items() if precision in known)
        raise UsageError(f"{engine} has {', '.join(PRECISIONS[engine])} only",
                         where=f"--precision {precision}",
                         hint=f"use --engine {fits}, or another --precision")  # fmt: skip


def check_output(settings: Settings) -> list[str]:
    """What the command demands beyond `check`: that the run produces something."""
    if not saves(settings) and settings.cli_verbose <= 0 and settings.display <= 0:
        raise UsageError(
            "nothing would be produced", where="output",
            hint="add --write_json DIR, --write_images DIR or --write_video FILE.mp4",
        )  # fmt: skip
    seen = saves_pictures(settings) or settings.display > 0
    if settings.num_gpu == 0 or settings.render_pose == 0 or seen:
        return []
    return ["nothing is drawn: there is no window, --write_images or --write_video"]


def _keypoints(settings: Settings, notices: list[str]) -> None:
    if settings.keypoints and settings.part_candidates:
        raise UsageError("candidates are the network's own parts", where="--keypoints",
                         hint="leave out --part_candidates")  # fmt: skip
    if settings.alphapose_format != "default" and not settings.write_alphapose:
        notices.append("--alphapose_format: says how --write_alphapose DIR writes")


def _drawing(settings: Settings, notices: list[str]) -> None:
    if settings.display == WINDOW_3D:
        raise Refused("the window of 3-D points is not part of openpose-py", where="--display",
                      hint="use --display 2; --write_json holds the 3-D points")  # fmt: skip
    if saves_pictures(settings) and settings.render_pose == 0:
        notices.append("--render_pose 0: pictures are saved without skeletons")


def _output(settings: Settings, notices: list[str]) -> None:
    if saves_findings(settings) and settings.num_gpu == 0:
        raise UsageError("finds nobody: only --write_images, --write_video and --write_json work",
                         where="--num_gpu 0")  # fmt: skip
    if not settings.write_images_format.strip("."):
        raise UsageError("must not be empty", where="--write_images_format")
    if settings.write_video_with_audio:
        if not settings.video:
            raise UsageError("needs --video", where="--write_video_with_audio")
        if not settings.write_video.lower().endswith(AUDIO_ENDINGS):
            raise UsageError("needs --write_video FILE.mp4", where="--write_video_with_audio")


def _heat_maps(settings: Settings, notices: list[str]) -> None:
    added = settings.heatmaps_add_parts or settings.heatmaps_add_bkg or settings.heatmaps_add_PAFs
    if settings.write_heatmaps and not added:
        raise UsageError(
            "needs to know which maps", where="--write_heatmaps",
            hint="add --heatmaps_add_parts, --heatmaps_add_bkg or --heatmaps_add_PAFs",
        )  # fmt: skip
    as_picture = settings.write_heatmaps_format != "float"
    if settings.write_heatmaps and as_picture and settings.heatmaps_scale != 2:
        raise UsageError(
            "only whole numbers 0 to 255 (2) fit into pictures", where="--heatmaps_scale",
            hint="use --heatmaps_scale 2 or --write_heatmaps_format float",
        )  # fmt: skip
    if settings.write_coco_json and settings.keypoint_scale:
        notices.append("--keypoint_scale: COCO wants pixels of the frame (0)")


RULES: tuple[Callable[[Settings, list[str]], None], ...] = (
    _one_input, _frames, _scales, _body, _one_person, _gpus, _engine, _keypoints, _drawing,
    _output, _heat_maps,
)  # fmt: skip
