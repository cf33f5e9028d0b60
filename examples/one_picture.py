"""People in one picture: prints their keypoints and saves the drawn picture.

python examples/one_picture.py person.jpg models/
"""

import sys

import cv2

from openpose_py import Estimator, draw


def main(picture: str, model_folder: str) -> None:
    estimator = Estimator(model_pose="BODY_25", model_folder=model_folder)
    image = cv2.imread(picture)
    result = estimator(image)
    for number, (keypoints, score) in enumerate(
        zip(result.people.keypoints, result.people.scores, strict=True)
    ):
        x, y, sure = keypoints[0]
        print(f"person {number}: score {score:.2f}, nose at {x:.1f}, {y:.1f} ({sure:.2f})")
    cv2.imwrite("drawn.png", draw(image, result.people, "BODY_25"))


if __name__ == "__main__":
    main(*sys.argv[1:])
