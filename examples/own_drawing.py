"""Drawing of your own: a dot on every wrist, on a folder that --write_json filled.

python examples/own_drawing.py json/ pictures/ dots/
"""

import sys
from pathlib import Path

import cv2

from openpose_py import read_json

WRISTS = (4, 7)  # of BODY_25
SURE = 0.1


def main(json_folder: str, pictures: str, out: str) -> None:
    Path(out).mkdir(exist_ok=True)
    for name, keypoints in read_json(json_folder):
        (path,) = Path(pictures).glob(f"{name}.*")
        picture = cv2.imread(str(path))
        for person in keypoints:
            for x, y, score in person[list(WRISTS)]:
                if score > SURE:
                    cv2.circle(picture, (round(float(x)), round(float(y))), 6, (0, 255, 255), -1)
        cv2.imwrite(str(Path(out) / f"{name}.png"), picture)


if __name__ == "__main__":
    main(*sys.argv[1:])
