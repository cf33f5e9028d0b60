"""Every flag, once: name, type, default, panel, help, allowed values, and what will not come.

A field of `Settings` is a flag; the command line, the Python keyword, the page `docs/flags.md` and
the checks all come from these rows. The flags of OpenPose keep its names, types and defaults.
"""

import dataclasses
from collections.abc import Iterator
from typing import Any, get_type_hints

SOURCE = "Source"
MODEL = "Model and network"
PEOPLE = "People"
HEATMAPS = "Heat maps"
FACE_HAND = "Face and hands"
VIEWS_3D = "3-D"
PICTURES = "Pictures"
WINDOW = "Window"
OUTPUT = "Output"
MESSAGES = "Messages and speed"
TOP_DOWN = "Top-down models"
NEVER = "Will not come"
PANELS = (
    SOURCE, MODEL, PEOPLE, OUTPUT, PICTURES, MESSAGES, FACE_HAND, HEATMAPS, TOP_DOWN, VIEWS_3D,
    WINDOW, NEVER,
)  # fmt: skip


@dataclasses.dataclass(frozen=True, slots=True)
class Flag:
    """One row. name: as typed; field: the Python keyword (they differ where a digit leads)."""

    name: str
    field: str
    type: type
    default: Any
    panel: str
    help: str
    choices: tuple[int | str, ...] = ()
    low: float | None = None
    high: float | None = None
    refused: str = ""  # why it will not come
    ours: bool = False  # openpose-py has it, OpenPose has not


def flag(default: Any, panel: str, help: str, **more: Any) -> Any:
    return dataclasses.field(default=default, metadata={"panel": panel, "help": help, **more})


FLIR = "FLIR cameras need their maker's closed SDK; record a video and use --video"
ADAM = "it belongs to OpenPose's unpublished Adam model"
CARS = "it belongs to the car models, which were never published"
ALPHA = {"low": 0, "high": 1}
RENDER = {"choices": (-1, 0, 1, 2)}
DETECTOR = {"choices": (0, 1, 2, 3)}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Settings:
    """The values of all flags of one run."""

    # fmt: off
    image_dir: str = flag("", SOURCE, "Folder of pictures to read, in natural order.")
    video: str = flag("", SOURCE, "Video file to read.")
    frame_first: int = flag(0, SOURCE, "First frame to process, counted from 0.", low=0)
    frame_last: int = flag(-1, SOURCE, "Last frame to process, inclusive; -1: to the end.", low=-1)
    frame_step: int = flag(1, SOURCE, "Process every n-th frame.", low=1)
    frame_rotate: int = flag(0, SOURCE, "Rotate every frame by so many degrees, counter-clockwise.",
                             choices=(0, 90, 180, 270))
    frame_flip: bool = flag(False, SOURCE, "Mirror every frame left-right.")
    frames_repeat: bool = flag(False, SOURCE, "Start again at --frame_first when the input ends.")
    camera: int = flag(-1, SOURCE, "Index of the webcam; -1: the first that opens.")
    camera_resolution: str = flag("-1x-1", SOURCE, "Wanted size of camera frames.")
    ip_camera: str = flag("", SOURCE, "Address of a network camera (RTSP, HTTP).")
    process_real_time: bool = flag(False, SOURCE, "Keep the source's frame rate: wait or skip.")
    frame_undistort: bool = flag(False, SOURCE, "Remove the lens distortion.")
    camera_parameter_path: str = flag("models/cameraParameters/flir/", SOURCE,
                                      "Folder or XML file of camera parameters.")

    model_pose: str = flag("BODY_25", MODEL, "Pose model: BODY_25, BODY_25B, BODY_135, COCO, MPI, "
                           "MPI_4_layers, or another of `openpose-py models list`.")
    model_folder: str = flag("models/", MODEL, "Folder that holds the models' files.")
    caffemodel_path: str = flag("", MODEL, "Weights file to use (.caffemodel, .pth, .safetensors), "
                                "below --model_folder or any path.")
    prototxt_path: str = flag("", MODEL, "Network description; it must have the layers of the "
                              "weights file, which alone decide the network.")
    net_resolution: str = flag("-1x368", MODEL, "Network input size, multiples of 16; -1: by the "
                               "frame's shape.")
    net_resolution_dynamic: float = flag(1.0, MODEL, "Pictures: limit of the automatic side, as a "
                                         "multiple of 16:9; 0 or less: none.")
    scale_number: int = flag(1, MODEL, "Number of scales to average.", low=1, high=8)
    scale_gap: float = flag(0.25, MODEL, "Distance between scales; the first is always 1.")
    upsampling_ratio: float = flag(0.0, MODEL, "Factor from the network's output to the heat maps "
                                   "that are searched; 0: the network's own (8).")
    body: int = flag(1, MODEL, "Body keypoints: 0 off, 1 on, 2 from given heat maps "
                     "(`openpose-py decode`).", choices=(0, 1, 2))
    num_gpu: int = flag(-1, MODEL, "GPUs that share the frames; -1: all, or the CPU where there is "
                        "none; 0: no network at all, frames are only read and written.", low=-1)
    num_gpu_start: int = flag(0, MODEL, "First GPU to use.", low=0)
    gpu_batch: int = flag(1, MODEL, "Frames that go through the network together where its input "
                          "has one size; live sources: always one.", low=1, ours=True)
    device: str = flag("auto", MODEL, "Where the network runs: auto, cpu, cuda, cuda:N.", ours=True)
    engine: str = flag("torch", MODEL, "What runs the network: torch, openvino or onnxruntime (on "
                       "the CPU), or auto: the fastest of equal arithmetic, measured once a "
                       "machine and model.", choices=("auto", "torch", "openvino", "onnxruntime"),
                       ours=True)
    precision: str = flag("auto", MODEL, "The network's arithmetic: auto is fp32; bf16 wants a "
                          "CPU or GPU that has it, fp16 a GPU, int8 --engine openvino or auto.",
                          choices=("auto", "fp32", "bf16", "fp16", "int8"), ours=True)
    calibration: str = flag("", MODEL, "Folder of pictures like yours for --precision int8; wanted "
                            "once a model.", ours=True)

    decoder: str = flag("openpose", PEOPLE, "Whose way of putting people together: the others know "
                        "the 18 points of COCO and one scale.",
                        choices=("openpose", "tfpose", "lightweight"), ours=True)
    maximize_positives: bool = flag(False, PEOPLE, "Lower thresholds: more people, more mistakes.")
    number_people_max: int = flag(-1, PEOPLE, "Keep at most so many people, the largest and "
                                  "surest; -1: all.")
    keypoint_scale: int = flag(0, PEOPLE, "Saved coordinates: 0 frame, 1 network, 2 output "
                               "picture, 3 [0,1], 4 [-1,1], 5 and 6 the same with "
                               "one scale for both axes.",
                               choices=(0, 1, 2, 3, 4, 5, 6))
    keypoints: str = flag("", PEOPLE, "Turn people into another skeleton, by the names of its "
                          "keypoints: BODY_25, COCO, COCO_17, HALPE_26, ...", ours=True)
    part_candidates: bool = flag(False, PEOPLE, "Also write every part that was found, before "
                                 "people are put together.")
    max_peaks: int = flag(127, PEOPLE, "Candidates a part at most, as in OpenPose; 0: no limit.",
                          low=0, ours=True)
    tracking: int = flag(-1, PEOPLE, "Optical flow of one person between network frames.")
    identification: bool = flag(False, PEOPLE, "Identities of people over time.")
    track: bool = flag(False, PEOPLE, "Ids of people over time, from their keypoints alone.",
                       ours=True)
    smooth: str = flag("off", PEOPLE, "Steadier keypoints, with ids: live (no delay) or file (from "
                       "both sides of a frame, some frames later).",
                       choices=("off", "live", "file"), ours=True)
    max_gap: int = flag(10, PEOPLE, "Points that were not found are filled in for at most so many "
                        "frames by --smooth; 0: none.", low=0, high=60, ours=True)

    write_json: str = flag("", OUTPUT, "Folder for one JSON file a frame.")
    write_images: str = flag("", OUTPUT, "Folder for the drawn frames.")
    write_images_format: str = flag("png", OUTPUT, "Format of --write_images: png, jpg, ...")
    write_video: str = flag("", OUTPUT, "File for the drawn frames: .mp4 (H.264) or .avi (MJPEG).")
    write_video_fps: float = flag(-1.0, OUTPUT, "Frame rate of the video; -1: the source's.")
    write_video_with_audio: bool = flag(False, OUTPUT, "Copy the sound of --video into the .mp4.")
    write_maps: str = flag("", OUTPUT, "Folder for the network's output, one .npz a frame; "
                           "`openpose-py decode` reads it.", ours=True)
    write_keypoint: str = flag("", OUTPUT, "Folder for OpenCV storage files.")
    write_keypoint_format: str = flag("yml", OUTPUT, "Format: yml, yaml, xml or json.",
                                      choices=("json", "xml", "yaml", "yml"))
    write_coco_json: str = flag("", OUTPUT, "File for results in COCO's format.")
    write_coco_json_variants: int = flag(1, OUTPUT, "Which COCO files: 1 body, 2 foot, 4 face, "
                                         "8 hand, 16 hands, added up.", high=31)
    write_wholebody_json: str = flag("", OUTPUT, "File for results in COCO-WholeBody's format.",
                                     ours=True)
    write_alphapose: str = flag("", OUTPUT, "Folder for AlphaPose's JSON files.", ours=True)
    alphapose_format: str = flag("default", OUTPUT, "Its layout: default, or the 18 points of cmu "
                                 "or open.", choices=("default", "cmu", "open"), ours=True)

    render_pose: int = flag(-1, PICTURES, "How bodies are drawn: -1 automatic, 0 not, 1 OpenPose's "
                            "CPU look, 2 its GPU look.", **RENDER)
    render_threshold: float = flag(0.05, PICTURES, "Parts below this score are not drawn.")
    disable_blending: bool = flag(False, PICTURES, "Draw on black instead of on the frame.")
    output_resolution: str = flag("-1x-1", PICTURES, "Size of the drawn picture; -1x-1: as read.")
    alpha_pose: float = flag(0.6, PICTURES, "Opacity of bodies in the GPU look.", **ALPHA)
    part_to_show: int = flag(0, PICTURES, "Instead of skeletons: 1 background, 2 all parts, 3 all "
                             "PAFs, then one part, then one limb each.", low=0)
    alpha_heatmap: float = flag(0.7, PICTURES, "Opacity of --part_to_show.", **ALPHA)

    logging_level: int = flag(3, MESSAGES, "Lowest priority of messages: 1 low to 4 high, 0 also "
                              "tracebacks, 255 none.", low=0, high=255)
    quiet: bool = flag(False, MESSAGES, "No progress, errors only.", ours=True)
    cli_verbose: float = flag(-1.0, MESSAGES, "A line every n frames; below 1: every n of all.")
    fps_max: float = flag(-1.0, MESSAGES, "Upper limit of frames a second; -1: none.")
    disable_multi_thread: bool = flag(False, MESSAGES, "One stage after the other in one thread: "
                                      "less delay, fewer frames a second.")
    profile_speed: int = flag(1000, MESSAGES, "Mean time of each stage after so many frames, as a "
                              "message of priority 1.", low=1)
    profile: str = flag("", MESSAGES, "FILE.json: when each stage worked, for Perfetto or "
                        "chrome://tracing; each stage's share is printed at the end.", ours=True)

    face: bool = flag(False, FACE_HAND, "Face keypoints, 70 a person.")
    face_detector: int = flag(0, FACE_HAND, "Where face boxes come from.", **DETECTOR)
    face_net_resolution: str = flag("368x368", FACE_HAND, "Face network's input size.")
    hand: bool = flag(False, FACE_HAND, "Hand keypoints, 21 a hand.")
    hand_detector: int = flag(0, FACE_HAND, "Where hand boxes come from.", **DETECTOR)
    hand_net_resolution: str = flag("368x368", FACE_HAND, "Hand network's input size.")
    hand_scale_number: int = flag(1, FACE_HAND, "Crop sizes tried a hand.", low=1)
    hand_scale_range: float = flag(0.4, FACE_HAND, "Range of those sizes.", low=0, high=1.9)
    face_render: int = flag(-1, FACE_HAND, "How faces are drawn.", **RENDER)
    face_render_threshold: float = flag(0.4, FACE_HAND, "Lowest score drawn.")
    face_alpha_pose: float = flag(0.6, FACE_HAND, "Opacity of faces.", **ALPHA)
    face_alpha_heatmap: float = flag(0.7, FACE_HAND, "Opacity of face maps.", **ALPHA)
    hand_render: int = flag(-1, FACE_HAND, "How hands are drawn.", **RENDER)
    hand_render_threshold: float = flag(0.2, FACE_HAND, "Lowest score drawn.")
    hand_alpha_pose: float = flag(0.6, FACE_HAND, "Opacity of hands.", **ALPHA)
    hand_alpha_heatmap: float = flag(0.7, FACE_HAND, "Opacity of hand maps.", **ALPHA)

    heatmaps_add_parts: bool = flag(False, HEATMAPS, "Export the parts' heat maps.")
    heatmaps_add_bkg: bool = flag(False, HEATMAPS, "Export the background map.")
    heatmaps_add_PAFs: bool = flag(False, HEATMAPS, "Export the part affinity fields.")
    heatmaps_scale: int = flag(2, HEATMAPS, "Value range of exported maps.",
                               choices=(0, 1, 2, 3, 4, 5))
    write_heatmaps: str = flag("", HEATMAPS, "Folder for heat maps.")
    write_heatmaps_format: str = flag("png", HEATMAPS, "Format: png, or float for raw values.")

    detector: str = flag("auto", TOP_DOWN, "Where boxes of people come from: bottomup (our own "
                         "model), yolo, or whole (one person fills the frame); auto: what the "
                         "model was made for.", ours=True)
    detfile: str = flag("", TOP_DOWN, "JSON file of boxes instead of a detector: a list of "
                        "image_id, bbox, score.", ours=True)
    flip_test: bool = flag(False, TOP_DOWN, "Also look at the mirrored crops.", ours=True)
    multiscale: bool = flag(False, TOP_DOWN, "GCCPM for LIP: also at 0.75 and 1.25 of the size.",
                            ours=True)
    pose_nms: str = flag("parametric", TOP_DOWN, "How poses of one person found twice are joined.",
                         choices=("parametric", "none"), ours=True)
    min_box_area: float = flag(0.0, TOP_DOWN, "Leave smaller people out, in square pixels.", low=0,
                               ours=True)
    posebatch: int = flag(64, TOP_DOWN, "Crops that the network sees at once.", low=1, ours=True)

    three_d: bool = flag(False, VIEWS_3D, "3-D points from several views.", name="3d")
    three_d_min_views: int = flag(-1, VIEWS_3D, "Views in which a point must be seen.",
                                  name="3d_min_views")
    three_d_views: int = flag(-1, VIEWS_3D, "Pictures a time step.", name="3d_views")

    display: int = flag(-1, WINDOW, "Windows: -1 if there is a screen, 0 none, 1 or 2 the "
                        "picture.", choices=(-1, 0, 1, 2, 3))
    fullscreen: bool = flag(False, WINDOW, "Start in full screen.")
    no_gui_verbose: bool = flag(False, WINDOW, "No text on the shown frames.")

    flir_camera: bool = flag(False, NEVER, "FLIR stereo cameras.", refused=FLIR)
    flir_camera_index: int = flag(-1, NEVER, "Which FLIR camera.", refused=FLIR)
    write_video_3d: str = flag("", NEVER, "Video of the 3-D window.",
                               refused="the 3-D window is not part of openpose-py; "
                               "--write_json will hold the 3-D points")
    write_coco_json_variant: int = flag(0, NEVER, "Variant of the car output.", refused=CARS)
    ik_threads: int = flag(0, NEVER, "Threads for inverse kinematics.", refused=ADAM)
    write_video_adam: str = flag("", NEVER, "Video of the Adam model.", refused=ADAM)
    write_bvh: str = flag("", NEVER, "Motion capture file.", refused=ADAM)
    udp_host: str = flag("", NEVER, "Host for UDP output.", refused=ADAM)
    udp_port: str = flag("8051", NEVER, "Port for UDP output.", refused=ADAM)
    # fmt: on


def flags() -> Iterator[Flag]:
    """All rows, in the order of the table."""
    types = get_type_hints(Settings)
    for field in dataclasses.fields(Settings):
        row = {"name": field.name, **field.metadata}
        yield Flag(field=field.name, type=types[field.name], default=field.default, **row)
