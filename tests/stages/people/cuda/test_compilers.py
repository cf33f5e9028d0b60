"""NVIDIA's compilers take the kernels; no GPU is needed for that."""

import shutil
import subprocess

import pytest

NVCC = shutil.which("nvcc")
NO_NVCC = pytest.mark.skipif(NVCC is None, reason="there is no nvcc")


def without_fused(text: str) -> bool:
    return "fma." not in text and all(
        f".entry {name}(" in text for name in ("find_peaks", "sort_peaks", "score_limbs")
    )


@pytest.mark.parametrize("capability", [75, 80, 90])
def test_nvrtc_compiles_the_kernels_without_fused_operations(capability):
    launch = pytest.importorskip("openpose_py.stages.people.cuda.launch", reason="no CuPy")
    nvrtc = pytest.importorskip("cupy_backends.cuda.libs.nvrtc")
    try:
        nvrtc.getVersion()
    except RuntimeError:
        pytest.skip("there is no NVRTC")
    program = nvrtc.createProgram(launch.source(), "kernels.cu", (), ())
    options = (*launch.OPTIONS, "-ftz=true", f"-arch=compute_{capability}")  # CuPy adds -ftz
    try:
        nvrtc.compileProgram(program, options)
    except RuntimeError:
        pytest.fail(nvrtc.getProgramLog(program))
    text = nvrtc.getPTX(program)
    assert without_fused(text if isinstance(text, str) else text.decode())


@NO_NVCC
def test_nvcc_compiles_the_kernels_to_machine_code(tmp_path):
    from drawn.kernels_on_cpu import NAMES, SOURCES

    joined = tmp_path / "kernels.cu"
    joined.write_text("\n".join((SOURCES / name).read_text() for name in NAMES))
    subprocess.run(
        [NVCC, "-fmad=false", "-arch=sm_90", "-Werror", "all-warnings", "-cubin", "-o",
         str(tmp_path / "kernels.cubin"), str(joined)], check=True,
    )  # fmt: skip
    assert (tmp_path / "kernels.cubin").stat().st_size > 1000
