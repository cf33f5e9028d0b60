"""A video into a table: one line a person and frame, with the time and the right wrist.

python examples/video_to_table.py walk.mp4 models/ wrists.csv
"""

import csv
import sys

from openpose_py import Estimator

RIGHT_WRIST = 4  # of BODY_25


def main(video: str, model_folder: str, table: str) -> None:
    estimator = Estimator(model_pose="BODY_25", model_folder=model_folder, net_resolution="-1x256")
    with open(table, "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["frame", "seconds", "person", "x", "y", "score"])
        for result in estimator.run(video):
            for person, keypoints in enumerate(result.people.keypoints):
                wrist = (round(float(value), 2) for value in keypoints[RIGHT_WRIST])
                rows.writerow([result.frame.index, round(result.frame.time, 3), person, *wrist])


if __name__ == "__main__":
    main(*sys.argv[1:])
