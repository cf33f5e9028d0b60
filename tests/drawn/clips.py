"""A corpus of small clips, good and bad, as a batch meets it."""

from pathlib import Path

from drawn.media import numbered_frames, numbered_picture, write_pictures, write_video

FRAMES = 4
SIZE = (96, 64)
GOP = 12  # of `write_video`


def write_clip(path: Path, frames: int = FRAMES, first: int = 0) -> Path:
    """Pictures of the numbers first, first + 1, ...; ten a second."""
    pictures = [numbered_picture(number, SIZE) for number in range(first, first + frames)]
    return write_video(path, pictures, 10)


def write_corpus(folder: Path, count: int) -> dict[str, str]:
    """`count` inputs below `folder`; name -> why it is bad, for those that are."""
    (folder / "more").mkdir(parents=True)
    write_clip(folder / "long.mp4", 20 * FRAMES)
    write_clip(folder / "same.mp4")
    write_clip(folder / "more" / "same.mp4", first=7)
    write_pictures(folder / "pictures", {f"{n}.png": p for n, p in enumerate(numbered_frames(3))})
    for number in range(count - 9):
        write_clip(folder / f"clip{number:03d}.mp4", first=number)
    whole = write_clip(folder / "more" / "whole.mp4").read_bytes()
    (folder / "zero.mp4").write_bytes(b"")
    (folder / "noise.mp4").write_bytes(bytes(range(256)) * 20)
    (folder / "beheaded.mp4").write_bytes(whole[: len(whole) // 2])
    streamed = write_clip(folder / "lying.avi", 12 * FRAMES).read_bytes()
    (folder / "lying.avi").write_bytes(streamed[: len(streamed) * 2 // 3])
    return {
        "zero": "empty",
        "noise": "cannot be read",
        "beheaded": "cannot be read",
        "lying": "cut off",
    }


def files_below(folder: Path) -> dict[str, bytes]:
    """Relative name -> content, without what begins with a dot."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }
