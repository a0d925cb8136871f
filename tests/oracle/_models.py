# SPDX-License-Identifier: GPL-3.0-or-later
"""For tests that need Python packages which Debian has not: onnx and onnxruntime, with numpy, Pillow and scikit-learn of PyPI beside
them. `./dev models` puts them into BUILD/models; $IMGENHANCE_MODELS_PYTHON names another Python that has them."""
import os
import sys


def enter():
    """Goes on in that Python, where it is, with this project's tests/models to import from. Called before anything else."""
    python = os.environ.get("IMGENHANCE_MODELS_PYTHON", os.path.join(os.environ["BUILD"], "models/bin/python"))
    if os.environ.get("IN_MODELS_PYTHON") != "1" and os.access(python, os.X_OK):
        os.environ["IN_MODELS_PYTHON"] = "1"
        os.execv(python, [python, *sys.argv])
    sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "models"))


def use_library(runtime):
    """The library in Python's onnxruntime becomes the command's, unless $IMGENHANCE_ONNXRUNTIME names another; gives its path."""
    if os.environ.get("IMGENHANCE_ONNXRUNTIME"):
        return os.environ["IMGENHANCE_ONNXRUNTIME"]
    capi = os.path.join(os.path.dirname(runtime.__file__), "capi")
    path = next(entry.path for entry in os.scandir(capi) if entry.name.startswith("libonnxruntime.so"))
    os.environ["IMGENHANCE_ONNXRUNTIME"] = path
    return path
