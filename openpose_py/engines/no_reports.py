"""Packages that report their use to their makers: through openpose-py they do not."""

import os
import sys

ORT_SWITCH = "ORT_DISABLE_TELEMETRY"  # read by ONNX Runtime when it makes its first network
OPENVINO_REPORTER = "openvino_telemetry"  # OpenVINO and NNCF do without it where it is missing


def no_reports() -> None:
    """To be called before onnxruntime, openvino or nncf is loaded."""
    os.environ[ORT_SWITCH] = "1"
    sys.modules.setdefault(OPENVINO_REPORTER, None)  # type: ignore[arg-type]
