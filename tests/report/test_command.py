"""`openpose-py report` as it is typed, and how long half an hour of people takes to open."""

import pytest
from drawn.command import openpose_py
from drawn.recordings import write_long_recording

OPENS_IN = 2000  # milliseconds
FIRST = "performance.getEntriesByName('first people').map((one) => one.startTime)[0]"
ALL = "performance.getEntriesByName('all people').map((one) => one.startTime)[0]"


def test_it_writes_one_file_and_prints_its_name(walk, tmp_path):
    done = openpose_py("report", walk, "--output", tmp_path / "page.html")
    assert (done.code, done.err) == (0, "") and done.out.strip() == str(tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text()
    assert page.count("<html") == 1 and "https://" not in page and "src=" not in page
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--video", "a.mp4", "--image_dir", "b"], 2, "only one of them"),
        (["--embed"], 2, "add --video FILE"),
        (["--fps", "-1"], 2, "--fps"),
        (["--video", "nothing.mp4"], 3, "--video nothing.mp4"),
        (["--image_dir", "pictures"], 2, "use --video FILE"),
        (["--model_pose", "COCO"], 2, "--model_pose"),
        (["--output", "no/such/folder/page.html"], 3, "no/such/folder/page.html"),
    ],
)
def test_what_cannot_be_is_one_error(walk, tmp_path, words, code, said):
    done = openpose_py("report", walk, *words, cwd=tmp_path)
    assert done.code == code and done.said(said) and len(done.lines) <= 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_half_an_hour_with_five_people_opens_within_two_seconds(browser, tmp_path):
    people = write_long_recording(tmp_path / "long.json", 54_000, 5)
    page = tmp_path / "long.html"
    assert openpose_py("report", people, "--output", page).code == 0
    times = []
    for _ in range(3):
        browser.open(page.as_uri())
        browser.wait("'ready' in document.documentElement.dataset")
        times.append((browser.ask(FIRST), browser.ask(ALL)))
    assert min(first for first, _ in times) < OPENS_IN, times
    browser.press("End")
    browser.wait("document.getElementById('clock').textContent.endsWith('frame 53999')")
    assert browser.errors == []
