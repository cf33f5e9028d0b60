from pathlib import Path

import cv2
import numpy as np
import pytest

from openpose_py.errors import ModelFileError
from openpose_py.stages.people.face_cascade import FaceCascade

MEDIA = Path(__file__).parents[3] / "examples" / "media"
pytestmark = pytest.mark.skipif(
    not hasattr(cv2, "CascadeClassifier"), reason="this OpenCV has no cascades"
)


def test_a_face_is_found_in_a_square_box(tmp_path):
    boxes = FaceCascade(tmp_path).boxes(cv2.imread(str(MEDIA / "astronaut.jpg")))
    assert boxes.dtype == np.float32
    ((x, y, width, height),) = boxes
    assert width == height
    assert x < 190 and x + width > 260 and y < 75 and y + height > 165  # eyes to chin


def test_a_large_picture_is_searched_at_half_its_size(tmp_path):
    picture = cv2.imread(str(MEDIA / "astronaut.jpg"))
    boxes = FaceCascade(tmp_path).boxes(picture)
    doubled = FaceCascade(tmp_path).boxes(cv2.pyrUp(picture))
    assert doubled == pytest.approx(2 * boxes, rel=0.1)


@pytest.mark.parametrize("shape", [(200, 300, 3), (5, 5, 3), (1, 1, 3)], ids=str)
def test_no_face_gives_no_boxes(shape, tmp_path):
    assert FaceCascade(tmp_path).boxes(np.full(shape, 90, np.uint8)).shape == (0, 4)


@pytest.mark.parametrize("text", ["", "nonsense", "<?xml version='1.0'?><opencv_storage/>"])
def test_a_damaged_file_below_the_model_folder_is_named(text, tmp_path):
    (tmp_path / "face").mkdir()
    (tmp_path / "face" / "haarcascade_frontalface_alt.xml").write_text(text)
    with pytest.raises(ModelFileError, match="not a cascade"):
        FaceCascade(tmp_path)
