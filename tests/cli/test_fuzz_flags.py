"""Any words at all after `openpose-py` end in help, or in a refusal with its exit code."""

import contextlib
import io
import sys
import time

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from openpose_py.cli.app import main
from openpose_py.errors import EXIT_MODEL_MISSING
from openpose_py.settings import Flag, flags

FLAGS = list(flags())
NO_INPUT = "--video=there_is_none.mp4"  # stops every line that passes the checks
SECONDS = 5.0  # a line that takes longer hangs; one takes a few hundredths
TRACEBACKS = "--logging_level=0"

numbers = st.one_of(
    st.integers(-3, 10),
    st.integers(),
    st.floats(),
    st.sampled_from(["0x10", "+5", "1e3", "-1x368"]),
).map(str)
texts = st.text(st.characters(exclude_characters="\0"), max_size=12)
values = st.one_of(numbers, texts, st.sampled_from(["true", "no", "656x368", "-1x-1", "BODY_25B"]))


@st.composite
def flag_words(draw: st.DrawFn) -> list[str]:
    """One flag of the table in one of OpenPose's spellings, with a likely or an unlikely value."""
    flag: Flag = draw(st.sampled_from(FLAGS))
    name = draw(st.sampled_from([flag.name, flag.name.replace("_", "-"), f"no{flag.name}"]))
    dashes = draw(st.sampled_from(["--", "--", "-"]))
    likely = st.sampled_from([*map(str, flag.choices), str(flag.default)])
    value = draw(st.one_of(likely, values))
    return draw(
        st.sampled_from([[f"{dashes}{name}={value}"], [dashes + name, value], [dashes + name]])
    )


others = st.one_of(
    values.map(lambda value: [value]),
    texts.map(lambda text: [f"--{text}"]),
    st.sampled_from([["--help"], ["-h"], ["--version"], ["--"], ["-"], ["--flagfile", "none"]]),
)
lines = st.builds(
    lambda command, rows: [*command, *(word for row in rows for word in row)],
    st.sampled_from(
        [[], [], [], ["decode"], ["decode", "none.npz"], ["eval"], ["eval", "none.json"]]
    ),
    st.lists(st.one_of(flag_words(), flag_words(), flag_words(), others), max_size=7),
)


@pytest.fixture(scope="module", autouse=True)
def _empty_folder_without_a_screen(tmp_path_factory):
    """Imports are paid for here, not by the first example."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("empty"))
        patch.delenv("DISPLAY", raising=False)
        for words in (["--write_json", "out"], ["decode", "none.npz"], ["eval", "none.json"]):
            _ended(words)
        yield


@settings(max_examples=400, deadline=None, derandomize=True,
          suppress_health_check=[HealthCheck.too_slow])  # fmt: skip
@given(lines)
@example(["--write_json=o", "--model_folder=\udcff"])
@example(["--write_json=o", "--fps_max=nan"])
@example(["--write_json=o", "--scale_gap=inf", "--scale_number=2"])
@example(["decode", "none.npz", "--write_json=o", "--write_video_fps=inf"])
def test_every_line_ends_in_a_known_exit_code_without_a_traceback(words):
    start = time.monotonic()
    code, said = _ended(words)
    assert 0 <= code <= EXIT_MODEL_MISSING, (code, said)
    assert time.monotonic() - start < SECONDS
    assert (code == 0) or said
    if not any("logging" in word for word in words):
        assert "Traceback" not in said, said


def test_logging_level_0_shows_the_traceback_and_keeps_the_code():
    code, said = _ended([TRACEBACKS, "--write_json=out"])
    assert code == 3 and "Traceback" in said and said.rstrip().endswith("there is no such file")


def _ended(words: list[str]) -> tuple[int, str]:
    """Exit code and what was said on stderr; no line of a run gets as far as its first frame."""
    last = [NO_INPUT] if words[:1] not in (["decode"], ["eval"]) else []
    said = io.StringIO()
    with (
        pytest.MonkeyPatch.context() as patch,
        contextlib.redirect_stderr(said),
        contextlib.redirect_stdout(io.StringIO()),
        pytest.raises(SystemExit) as ended,
    ):
        patch.setattr(sys, "argv", ["openpose-py", *words, *last])
        main()
    code = ended.value.code or 0
    assert isinstance(code, int)
    return code, said.getvalue()
