"""The page in a real browser: it renders, moves, switches, saves; its console stays silent."""

import csv
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from drawn.browser import Browser
from drawn.media import number_in
from drawn.recordings import walkers, write_recording

from openpose_py.errors import InputError
from openpose_py.report.read_json import read_people
from openpose_py.report.write_report import ReportOptions, write_report
from openpose_py.tables.angles import ANGLES, angles_of
from openpose_py.zoo.skeletons import read_skeleton

READY = "'ready' in document.documentElement.dataset"
CLOCK = "document.getElementById('clock').textContent"
DRAWN = """(() => {
  const canvas = document.getElementById('skeletons'), pen = canvas.getContext('2d');
  const pixels = new Uint32Array(pen.getImageData(0, 0, canvas.width, canvas.height).data.buffer);
  return pixels.reduce((sum, pixel) => sum + (pixel !== 0), 0);
})()"""
SETTLE = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def opened(browser: Browser, page: Path, *size: int, dark: bool = False) -> Browser:
    browser.open(page.as_uri(), *(size or (1280, 900)), dark=dark)
    browser.wait(READY)
    browser.ask(SETTLE)
    return browser


def drawn(browser: Browser) -> int:
    """Pixels of the skeletons' canvas that are not empty."""
    browser.ask(SETTLE)
    return browser.ask(DRAWN)


def text(browser: Browser, selector: str) -> str:
    return browser.ask(f"document.querySelector({json.dumps(selector)}).textContent")


def scrub(browser: Browser, frame: int) -> None:
    browser.ask(
        f"(() => {{ const s = document.getElementById('scrub'); s.value = {frame};"
        " s.dispatchEvent(new Event('input')); })()"
    )


def test_it_shows_the_frame_with_its_people(browser, page):
    opened(browser, page)
    assert text(browser, "h1") == "walk"
    assert "BODY_25" in text(browser, "#about") and "60 frames" in text(browser, "#about")
    assert text(browser, "#people-count") == "3"
    assert drawn(browser) > 2000
    browser.wait("document.querySelector('video').readyState >= 2")
    assert browser.ask("document.querySelector('video').videoWidth") == 1280
    label = browser.ask("document.getElementById('skeletons').getAttribute('aria-label')")
    assert label == "Frame 0: Person 2, Person 1" or label == "Frame 0: Person 1, Person 2"
    assert browser.errors == []


def test_it_moves_by_keys_slider_buttons_and_timeline(browser, page):
    opened(browser, page)
    for key, frame in [("End", 59), ("Home", 0), ("ArrowRight", 1), ("ArrowRight", 2),
                       ("ArrowLeft", 1)]:  # fmt: skip
        browser.press(key)
        browser.ask(SETTLE)
        assert text(browser, "#clock").endswith(f"frame {frame}")
    browser.press("ArrowRight", shift=True)
    browser.ask(SETTLE)
    assert text(browser, "#clock").endswith("frame 31")
    scrub(browser, 45)
    browser.wait(f"{CLOCK}.endsWith('frame 45')")
    browser.wait("Math.floor(document.querySelector('video').currentTime * 30) === 45")
    browser.click("#back")
    browser.wait(f"{CLOCK}.endsWith('frame 44')")
    browser.click("#people-lanes", across=0.255)
    browser.wait(f"{CLOCK}.endsWith('frame 15')")
    assert browser.errors == []


def test_the_picture_behind_is_that_of_the_frame(browser, page, tmp_path):
    """The video's frames carry their numbers as black and white blocks."""
    opened(browser, page)
    browser.click("#names")
    browser.click("#people li:nth-child(1) input")
    browser.click("#people li:nth-child(2) input")
    browser.click("#people li:nth-child(3) input")
    for frame in (0, 1, 29, 44, 59):
        scrub(browser, frame)
        browser.wait("!document.querySelector('video').seeking")
        browser.ask("new Promise((done) => setTimeout(done, 100))")
        browser.picture(tmp_path / "screen.png")
        left, top, width, height = browser.ask(
            "(() => { scrollTo(0, 0); const r = document.getElementById('stage')"
            ".getBoundingClientRect(); return [r.left, r.top, r.width, r.height]; })()"
        )
        screen = cv2.imread(str(tmp_path / "screen.png"))
        stage = screen[round(top) : round(top + height), round(left) : round(left + width)]
        assert number_in(stage) == frame


def test_it_plays_to_the_end(browser, page):
    opened(browser, page)
    browser.ask("(() => { const s = document.getElementById('speed'); s.value = 4;"
                " s.dispatchEvent(new Event('change')); })()")  # fmt: skip
    browser.press(" ")
    browser.wait("document.getElementById('play').classList.contains('plays')")
    browser.wait(f"{CLOCK}.endsWith('frame 59')")
    browser.wait("!document.getElementById('play').classList.contains('plays')")
    assert browser.errors == []


def test_parts_people_confidence_and_picture_are_switched(browser, page):
    opened(browser, page)
    everything = drawn(browser)
    browser.click("#groups button:nth-child(4)")
    without_arms = drawn(browser)
    assert text(browser, "#groups button:nth-child(4)") == "Legs" and without_arms < everything
    browser.click("#groups button:nth-child(4)")
    assert drawn(browser) == everything
    browser.click("#people li:first-child input")
    assert drawn(browser) < 0.7 * everything
    browser.click("#people li:first-child input")
    browser.click("#joints-labels button:nth-child(2)")
    assert drawn(browser) < everything
    browser.click("#joints-labels button:nth-child(2)")
    browser.ask("(() => { const s = document.getElementById('threshold'); s.value = 1;"
                " s.dispatchEvent(new Event('input')); })()")  # fmt: skip
    assert drawn(browser) < 0.1 * everything
    browser.click("#behind")
    browser.wait("document.querySelector('video').hidden")
    assert browser.errors == []


def test_the_chosen_person_is_measured_and_tables_sort(browser, page):
    opened(browser, page)
    browser.press("End")
    browser.click("#people li:nth-child(3) button")
    browser.ask(SETTLE)
    assert text(browser, "#motion-of") == "· Person 3"
    assert text(browser, "#joint-person") == "Person 3"
    plots = browser.ask("document.querySelectorAll('.plot').length")
    assert plots == 8 and "°" in text(browser, ".plot output")
    browser.click("#everybody th:nth-child(4) button")
    first = "document.querySelector('#everybody tbody tr td').textContent"
    assert browser.ask(first) != "Person 3"
    browser.click("#everybody th:nth-child(4) button")
    browser.wait(f"{first} === 'Person 3'")
    head = "#everybody th:nth-child(4)"
    assert browser.ask(f"document.querySelector('{head}').ariaSort") == "ascending"
    assert browser.errors == []


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [360, 768, 1280])
def test_nothing_is_cut_off_at_any_width_in_both_themes(browser, page, width, dark):
    opened(browser, page, width, 800, dark=dark)
    assert browser.ask("document.documentElement.scrollWidth") <= width
    ground = browser.ask("getComputedStyle(document.documentElement).backgroundColor")
    assert (sum(map(int, ground[4:-1].split(","))) < 200) == dark
    browser.click("#theme")
    other = browser.ask("getComputedStyle(document.documentElement).backgroundColor")
    assert other != ground
    browser.ask("localStorage.clear()")
    assert browser.errors == []


def test_the_tab_key_reaches_every_control_and_shows_where_it_is(browser, page):
    opened(browser, page)
    reached = []
    for _ in range(30):
        browser.press("Tab")
        reached.append(browser.ask("document.activeElement.id || document.activeElement.className"))
    for name in ("save-csv", "theme", "play", "speed", "scrub", "who"):
        assert name in reached
    assert browser.ask("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_saved_csv_and_json_hold_what_was_read(browser, page, walk, tmp_path):
    opened(browser, page)
    browser.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
    for kind in ("csv", "json"):
        browser.click(f"#save-{kind}")
        browser.wait(f"!document.getElementById('save-{kind}').disabled")
        wait_for(tmp_path / f"walk.{kind}", browser)
    again = read_people(tmp_path / "walk.json")
    truth = list(read_people(walk).frames())
    for frame, saved in zip(truth, again.frames(), strict=True):
        assert [one for one, _ in saved.people] == [one for one, _ in frame.people]
        for (_, ours), (_, theirs) in zip(saved.people, frame.people, strict=True):
            assert np.abs(ours - theirs).max() < 0.04
    with (tmp_path / "walk.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == sum(len(frame.people) for frame in truth)
    assert (rows[3]["frame"], rows[3]["person"], rows[3]["time"]) == ("1", "2", "0.0333")


def test_angles_are_those_of_the_tables(browser, page, tmp_path):
    opened(browser, page)
    browser.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
    browser.click("#save-csv")
    path = wait_for(tmp_path / "walk.csv", browser)
    with path.open() as file:
        rows = list(csv.DictReader(file))
    values = [[float(row[key] or 0) for key in list(row)[3:78]] for row in rows]
    points = np.array(values, np.float32).reshape(len(rows), 25, 3)
    degrees, confidence = angles_of(points, read_skeleton("BODY_25"))
    degrees[confidence < 0.1] = np.nan
    side = {"L": "left ", "R": "right "}
    for number, name in enumerate(ANGLES):
        column = name.lower() if name == "Trunk" else side[name[0]] + name[1:].lower()
        ours = [float(row[f"{column} degrees"] or "nan") for row in rows]
        assert ours == pytest.approx(degrees[:, number].tolist(), abs=0.06, nan_ok=True), name


def wait_for(path: Path, browser: Browser) -> Path:
    for _ in range(200):
        if path.exists() and path.stat().st_size:
            return path
        browser.ask("new Promise((done) => setTimeout(done, 30))")
    raise TimeoutError(path)


def test_pictures_and_videos_in_the_page_need_no_other_file(browser, page, walk, tmp_path):
    for number, points in enumerate(walkers(3, 1)):
        picture = np.full((72, 128, 3), 80 * number, np.uint8)
        cv2.imwrite(str(tmp_path / f"p{number}.jpg"), picture)
        row = points[0].ravel().round(2).tolist()
        text_ = json.dumps({"people": [{"pose_keypoints_2d": row}]})
        (tmp_path / f"p{number}_keypoints.json").write_text(text_)
    shown = tmp_path / "pictures.html"
    write_report(ReportOptions(tmp_path, shown, images=str(tmp_path), embed=True))
    for path in tmp_path.glob("*.jpg"):
        path.unlink()
    opened(browser, shown)
    browser.press("End")
    browser.wait("document.querySelector('#stage img').naturalWidth === 128")
    assert text(browser, "#clock").endswith("p2") and browser.errors == []
    moved = tmp_path / "video.html"
    video = str(next(walk.parent.glob("*.mp4")))
    write_report(ReportOptions(walk, moved, video=video, embed=True))
    opened(browser, moved)
    browser.wait("document.querySelector('video').readyState >= 2")
    assert browser.errors == []


def test_people_without_ids_are_listed_by_their_place_and_the_page_says_so(browser, tmp_path):
    folder = write_recording(tmp_path / "json", 6, 2, ids=False)
    notices = write_report(ReportOptions(folder, tmp_path / "page.html"))
    assert len(notices) == 1 and "--track" in notices[0]
    opened(browser, tmp_path / "page.html")
    assert not browser.ask("document.getElementById('ids-note').hidden")
    names = browser.ask("[...document.querySelectorAll('#people .who')].map(e => e.textContent)")
    assert names == ["Person 1", "Person 2"]


def test_a_hostile_name_is_only_text(browser, tmp_path):
    name = "<img src=x onerror=alert(1)></script><b>"
    folder = tmp_path / "json"
    folder.mkdir()
    row = next(walkers(1, 1))[0].ravel().tolist()
    table = {"title": name, "frames": [{"frame": 0, "people": [{"pose_keypoints_2d": row}]}]}
    (folder / "a.json").write_text(json.dumps(table))
    write_report(ReportOptions(folder / "a.json", tmp_path / "page.html"))
    opened(browser, tmp_path / "page.html")
    assert text(browser, "h1") == name and not browser.ask("document.querySelector('h1 b, h1 img')")
    assert browser.errors == []


def test_coordinates_that_are_no_pixels_are_refused_over_a_video(page, tmp_path):
    text_ = json.dumps({"people": [{"pose_keypoints_2d": [0.5, 0.25, 0.9] * 25}]})
    (tmp_path / "a_000000000000_keypoints.json").write_text(text_)
    video = str(next(page.parent.glob("*.mp4")))
    with pytest.raises(InputError, match="not in pixels"):
        write_report(ReportOptions(tmp_path, tmp_path / "page.html", video=video))
    assert not (tmp_path / "page.html").exists()
