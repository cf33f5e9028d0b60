"""A folder of pictures in a loop of your own, and how many people each shows.

python examples/folder_in_a_loop.py pictures/ models/
"""

import sys

from openpose_py import Estimator, OpenPoseError


def main(folder: str, model_folder: str) -> None:
    try:
        estimator = Estimator(model_folder=model_folder, number_people_max=5)
        for result in estimator.run(folder):
            print(f"{result.frame.name}: {len(result.people)} people")
    except OpenPoseError as problem:
        sys.exit(f"{problem}")


if __name__ == "__main__":
    main(*sys.argv[1:])
