"""The command lines of OpenPose's documents as they stand there, on small inputs of those names.

`models/` is empty: the model in the package stands in for BODY_25, BODY_25B and COCO. Lines that
only open a window get a folder for pictures instead.
"""

import shlex
from pathlib import Path
from typing import NamedTuple

import cv2
import pytest
from drawn.cameras import camera_folder
from drawn.command import openpose_py
from drawn.copied_people import stamp_of
from drawn.copying_network import write_copying_caffemodel
from drawn.media import numbered_frames, write_pictures, write_video

from openpose_py.cli.app import main
from openpose_py.flag_values import net_size_of
from openpose_py.settings import Settings
from openpose_py.zoo.cards import card_named

FOLDER = "--image_dir examples/media/"
VIDEO = "--video examples/media/video.avi"
SEEN = "--write_images seen/"  # in place of a window
SMALL = "--net_resolution -1x64"
COCO = (
    f"--image_dir D --display 0 --render_pose 0 --cli_verbose 0.2 {SMALL} --write_coco_json F.json"
)
BEST = '--scale_number 4 --scale_gap 0.25 --net_resolution "1312x736"'
VIEWS = "--3d_views 3 --3d --number_people_max 1 --output_resolution 640x360"
NEW = "--write_json new/"
PICTURES, FRAMES = 2, 3


class Said(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture(scope="module")
def media(tmp_path_factory) -> Path:
    """A folder as the documents take for granted."""
    folder = tmp_path_factory.mktemp("desk")
    names = [f"COCO_val2014_{number:012d}.png" for number in range(1, PICTURES + 1)]
    pictures = dict(zip(names, numbered_frames(PICTURES, (96, 64)), strict=True))
    for name in ("examples/media", "D", "Calib_intrinsics"):
        write_pictures(folder / name, pictures)
    views = numbered_frames(PICTURES * 3, (96, 64))
    names = [
        f"{number}_rendered{view}.png" for number in range(PICTURES) for view in ("", "_1", "_2")
    ]
    write_pictures(folder / "output_folder_path", dict(zip(names, views, strict=True)))
    write_video(
        folder / "examples/media/video.avi", numbered_frames(FRAMES, (96, 64)), codec="mjpeg"
    )
    write_video(folder / "soccer.mp4", numbered_frames(FRAMES, (96, 64)))
    write_video(
        folder / "output_folder_path/video.avi", numbered_frames(2, (288, 64)), codec="mjpeg"
    )
    (folder / "models/cameraParameters").mkdir(parents=True)
    camera_folder(folder / "models/cameraParameters/flir", 3)
    return folder


@pytest.fixture
def typed(media, tmp_path, monkeypatch, capsys):
    """Types a line after `openpose-py ` in a folder of its own that holds those inputs."""

    def type_(line: str) -> Said:
        for path in media.iterdir():
            (tmp_path / path.name).symlink_to(path)
        monkeypatch.chdir(tmp_path)
        monkeypatch.delenv("DISPLAY", raising=False)
        monkeypatch.setattr("sys.argv", ["openpose-py", *shlex.split(line)])
        with pytest.raises(SystemExit) as ended:
            main()
        return Said(ended.value.code or 0, *capsys.readouterr())

    return type_


DONE = [
    (f"{FOLDER} {SEEN}", "seen/*_rendered.png", PICTURES),
    (f"{VIDEO} {SEEN}", "seen/*_rendered.png", FRAMES),
    (f"{FOLDER} --write_json output_jsons/", "output_jsons/*_keypoints.json", PICTURES),
    (f"{VIDEO} --write_json output_jsons/", "output_jsons/*_keypoints.json", FRAMES),
    (f"{VIDEO} --write_video output/result.avi", "output/result.avi", 1),
    (f"{FOLDER} --write_video output/result.avi --write_video_fps 30", "output/result.avi", 1),
    (f"{VIDEO} --write_images output_images/ --write_images_format jpg {SMALL}",
     "output_images/*_rendered.jpg", FRAMES),
    (f"{FOLDER} --write_images output_images/ --write_images_format jpg {SMALL}",
     "output_images/*_rendered.jpg", PICTURES),
    (f"{VIDEO} --write_images output_images/ --display 0 {SMALL}", "output_images/*.png", FRAMES),
    (f"{VIDEO} --write_json output_jsons/ --display 0 --render_pose 0 {SMALL}",
     "output_jsons/*.json", FRAMES),
    (f"{VIDEO} --disable_blending {SEEN} {SMALL}", "seen/*.png", FRAMES),
    (f"{VIDEO} --net_resolution -1x320 {NEW}", "new/*.json", FRAMES),
    (f"{VIDEO} --net_resolution -1x256 {NEW}", "new/*.json", FRAMES),
    (f"{VIDEO} --net_resolution -1x128 {NEW}", "new/*.json", FRAMES),
    (f"{VIDEO} -camera_resolution 640x480 -net_resolution 128x96 {NEW}", "new/*.json", FRAMES),
    (f"{FOLDER} --net_resolution -1x32 --write_json output/ --write_images output/ --display 0",
     "output/*", 2 * PICTURES),
    (f"{VIDEO} --tracking 5 --number_people_max 1 {SMALL} {NEW}", "new/*.json", FRAMES),
    (f"{VIDEO} --tracking 1 --number_people_max 1 {SMALL} {NEW}", "new/*.json", FRAMES),
    (f"{VIDEO} --tracking 0 --number_people_max 1 {SMALL} {NEW}", "new/*.json", FRAMES),
    (f"--video output_folder_path/video.avi {VIEWS} {SMALL} {NEW}", "new/*.json", 6),
    (f"--image_dir output_folder_path/ {VIEWS} {SMALL} {NEW}", "new/*.json", 3 * PICTURES),
    (f"--num_gpu 0 {VIDEO} --write_images Extracted", "Extracted/*", FRAMES),
    ("--num_gpu 0 --image_dir Calib_intrinsics/ --frame_undistort --camera_parameter_path "
     f'"models/cameraParameters/flir/cam0.xml" {SEEN}', "seen/*.png", PICTURES),
    (f"--video soccer.mp4 --frame_last 3750 {SMALL} {NEW}", "new/*.json", FRAMES),
    (f"{COCO} --write_coco_json_variants 1", "F.json", 1),
    (f"{COCO} --write_coco_json_variants 2", "F_foot.json", 1),
    (f"{COCO} --maximize_positives --net_resolution_dynamic -1 --write_coco_json_variants 3",
     "F*.json", 2),
    (f"{VIDEO} --part_to_show 2 --model_pose BODY_25B {SMALL} {SEEN}", "seen/*.png", FRAMES),
    (f"{VIDEO} --process_real_time --write_keypoint path/ {SMALL}", "path/*.yml", FRAMES),
    (f"{VIDEO} --profile_speed 100 {SMALL} {NEW}", "new/*.json", FRAMES),
    (f"{FOLDER} --net_resolution -1x368 --net_resolution_dynamic 10 {NEW}", "new/*", PICTURES),
    (f"{FOLDER} --model_pose BODY_25B --net_resolution -1x480 --frame_last 0 {NEW}", "new/*", 1),
    pytest.param(f"{FOLDER} --model_pose BODY_25B {BEST} --frame_last 0 {NEW}", "new/*", 1,
                 marks=pytest.mark.slow),
]  # fmt: skip


@pytest.mark.parametrize(("line", "made", "count"), DONE)
def test_the_line_does_what_the_documents_say(line, made, count, typed, tmp_path):
    said = typed(line)
    assert said.code == 0, said.err
    assert len(list(tmp_path.glob(made))) == count
    assert not list(tmp_path.rglob(".*.part"))


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        (f"{FOLDER} --write_video output/result.avi", 2, "no frame rate"),
        ("--display 0", 2, "nothing would be produced"),
        (f"{VIDEO} --num_gpu 2 --num_gpu_start 16 {NEW}", 2, "no GPU 16"),
        (f"{VIDEO} --num_gpu 1 --num_gpu_start 16 {NEW}", 2, "no GPU 16"),
        (f"{VIDEO} --face --hand {NEW}", 4, "pose_iter_116000.caffemodel"),
        (f"{FOLDER} --face --hand {SEEN}", 4, "pose_iter_116000.caffemodel"),
        (f"{FOLDER} --face -face_net_resolution 256x256 {NEW}", 4, "pose_iter_116000.caffemodel"),
        (f"{FOLDER} --hand -hand_net_resolution 256x256 {NEW}", 4, "pose_iter_102000.caffemodel"),
        (f"{VIDEO} --hand --hand_detector 3 {NEW}", 4, "pose_iter_102000.caffemodel"),
        (f"{VIDEO} --hand --hand_scale_number 6 --hand_scale_range 0.4 --hand_detector 3 {NEW}",
         4, "pose_iter_102000.caffemodel"),
        (f"{FOLDER} --render_pose 0 --face --face_render 1 --hand --hand_render 1 {SEEN}",
         4, "pose_iter_116000.caffemodel"),
        (f"{FOLDER} --body 0 --face --face_detector 1 {SEEN}", 4, "pose_iter_116000.caffemodel"),
        (f"{FOLDER} --body 0 --face --face_detector 2 {SEEN}", 2, "found by the body"),
        (f"{FOLDER} --body 0 --hand --hand_detector 2 {SEEN}", 2, "found by the body"),
        (f"{VIDEO} --heatmaps_add_parts --heatmaps_add_bkg --heatmaps_add_PAFs "
         "--write_heatmaps output_heatmaps_folder/", 2, "BODY_25B"),
        ("--flir_camera --3d --number_people_max 1", 2, "--video"),
        ("--flir_camera --num_gpu 0 --write_video output_folder_path/video.avi "
         "--write_video_fps 5", 2, "FLIR"),
        ("--num_gpu 0 --webcam --write_images Calib", 2, "did you mean --camera 0?"),
        ("--image_dir D --write_coco_json F.json --write_coco_json_variant 1 --model_pose CAR_22 "
         "--display 0 --render_pose 0 --num_gpu -1", 2, "the car models"),
        (f"--image_dir D --model_pose CAR_22 {NEW}", 2, "CAR_22"),
        pytest.param(f"--ip_camera http://CamIP:PORT_NO./video?x.mjpeg {NEW}", 3, "--ip_camera",
                     marks=pytest.mark.slow),
        (f"{FOLDER} --model_pose BODY_135 --net_resolution -1712x960 --scale_number 4 "
         f"--scale_gap 0.25 {NEW}", 4, "body_135/pose_iter_XXXXXX.caffemodel"),
        (f"{FOLDER} --model_pose BODY_25B --model_folder D2/ {NEW}", 4, "no such folder"),
        ("soccer.mp4 --write_json new/", 2, "for a video: --video soccer.mp4"),
        ("examples/media --write_json new/", 2, "--image_dir examples/media"),
        ("decode", 2, "type: openpose-py decode --help"),
        (f"{VIDEO} --write_video D", 2, "does not end like a video"),
    ],
)  # fmt: skip
def test_the_line_is_refused_and_the_reason_named(line, code, words, typed, tmp_path):
    said = typed(line)
    assert (said.code, words in said.err) == (code, True), said.err
    assert not (tmp_path / "new").exists() and not (tmp_path / "seen").exists()


def test_a_folder_of_which_nothing_can_be_read_is_a_failed_run(typed, tmp_path):
    write_pictures(tmp_path / "broken", {"1.png": b"no picture"})
    said = typed(f"--image_dir broken {SMALL} {NEW}")
    assert said.code == 3 and "1.png" in said.err, said.err


def test_a_video_that_has_the_name_of_a_folder_is_refused_before_the_work(typed, tmp_path):
    (tmp_path / "drawn.mp4").mkdir()
    said = typed(f"{VIDEO} --write_video drawn.mp4 {SMALL}")
    assert said.code == 3 and "is a folder" in said.err and "frames/s" not in said.err, said.err


def test_a_height_that_is_no_multiple_of_16_is_rounded_and_said(typed):
    said = typed(f"{VIDEO} --net_resolution -1x196 {SEEN}")
    assert said.code == 0 and "-1x196 is read as -1x192" in said.err, said.err


def test_drawings_that_nobody_would_see_are_left_out_and_said(typed):
    said = typed(f"{VIDEO} --write_json output_jsons/ --display 0 {SMALL}")
    assert said.code == 0 and "nothing is drawn" in said.err, said.err


@pytest.mark.parametrize(("level", "spoken"), [(0, True), (3, True), (4, False)])
def test_logging_level_is_the_lowest_priority_that_is_said(level, spoken, typed):
    said = typed(f"{VIDEO} {SMALL} {SEEN} --logging_level {level}")
    assert said.code == 0 and ("stands in" in said.err) == spoken


OPTION_1 = "BODY_25B option 1 was trained for a height of 480: --net_resolution -1x480"


@pytest.mark.slow
def test_option_1_of_body_25b_hints_at_its_height(typed, tmp_path):
    (row,) = [row for row in card_named("BODY_25B").files if row.network == "body_25b_option1"]
    path = tmp_path / "weights" / row.path
    path.parent.mkdir(parents=True)
    vectors = stamp_of("BODY_25B", row.network).vectors
    write_copying_caffemodel(path, row.network, vectors)
    line = f"{FOLDER} --model_pose BODY_25B --model_folder weights/ --frame_last 0 {NEW}"
    said = typed(line)
    assert said.code == 0 and OPTION_1 in said.err, said.err


def test_the_video_of_the_documents_is_motion_jpeg(typed, tmp_path):
    typed(f"{VIDEO} --write_video output/result.avi {SMALL}")
    video = cv2.VideoCapture(str(tmp_path / "output/result.avi"))
    assert int(video.get(cv2.CAP_PROP_FOURCC)).to_bytes(4, "little") == b"MJPG"
    assert int(video.get(cv2.CAP_PROP_FRAME_COUNT)) == FRAMES


def test_a_first_number_below_minus_1_is_an_automatic_side():
    assert net_size_of(Settings(net_resolution="-1712x960"), []) == (-1, 960)


def test_the_installed_command_answers_too(media, tmp_path):
    line = f"{FOLDER} --net_resolution -1x32 --write_json {tmp_path} --display 0"
    assert openpose_py(*shlex.split(line), cwd=media).code == 0
    assert len(list(tmp_path.glob("*.json"))) == PICTURES


def test_help_lists_the_flags_and_ends_well():
    done = openpose_py("--help")
    assert done.code == 0 and "--net_resolution" in done.out
