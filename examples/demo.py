"""What `make demo` runs: the sample media through the real command, into output/demo/."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MEDIA, OUT = ROOT / "examples" / "media", ROOT / "output" / "demo"
MODEL = ("--model_pose", "BODY_25B", "--logging_level", "4")


def openpose_py(*words: object) -> None:
    command = [sys.executable, "-m", "openpose_py", *MODEL, *map(str, words)]
    print("$ openpose-py", *(word.removeprefix(f"{ROOT}/") for word in command[3:]), flush=True)
    subprocess.run(command, check=True)


def main() -> None:
    openpose_py("--image_dir", MEDIA, "--write_json", OUT / "json", "--write_images", OUT)
    for video in ("two_people", "pedestrians"):
        drawn = OUT / f"{video}.mp4"
        openpose_py("--video", MEDIA / f"{video}.mp4", "--write_video", drawn, "--frame_step", 2)
    print("\npeople found:")
    for path in sorted((OUT / "json").glob("*.json")):
        name = path.name.removesuffix("_keypoints.json")
        print(f"  {name:15} {len(json.loads(path.read_text())['people'])}")
    print(f"\npictures and videos: {OUT}\nkeypoints:           {OUT / 'json'}")


if __name__ == "__main__":
    main()
