# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the command (environment variable IMGENHANCE) on an array, which goes and comes as an uncompressed TIFF."""
import os
import subprocess
import sys
import tempfile

import tap


def need():
    """Ends the file with one skipped test when there is no command to test."""
    if not os.access(os.environ.get("IMGENHANCE", ""), os.X_OK):
        tap.skip(os.path.basename(sys.argv[0]), "the environment variable IMGENHANCE names no command")
        tap.done()


def apply(steps, picture, alpha=False):
    """The picture (height x width, or height x width x channels; uint8, uint16 or float32) after the steps (a text or a
    list of them). alpha: the last channel is straight alpha. Raises RuntimeError with the command's message."""
    import tifffile
    steps = [steps] if isinstance(steps, str) else steps
    colours = (picture.shape[2] if picture.ndim == 3 else 1) - alpha
    with tempfile.TemporaryDirectory() as folder:
        source = os.path.join(folder, "picture.tif")
        result = os.path.join(folder, "result")
        tifffile.imwrite(source, picture, photometric="rgb" if colours >= 3 else "minisblack",
                         planarconfig="contig" if picture.ndim == 3 else None,
                         extrasamples=["unassalpha"] if alpha else None, metadata=None)
        words = [os.environ["IMGENHANCE"], "apply", "--quiet", "--no-journal"]
        for step in steps:
            words += ["-f", step]
        ran = subprocess.run(words + ["-o", result + os.sep, source], capture_output=True, text=True)
        if ran.returncode != 0:
            raise RuntimeError(f"{' '.join(words)}: exit {ran.returncode}: {ran.stderr.strip()}")
        made = os.listdir(result)
        if len(made) != 1:
            raise RuntimeError(f"{' '.join(words)}: {len(made)} files where one was expected: {made}")
        out = tifffile.imread(os.path.join(result, made[0]))
    if out.dtype != picture.dtype or out.size != picture.size:
        raise RuntimeError(f"{' '.join(words)}: {picture.shape} {picture.dtype} became {out.shape} {out.dtype}")
    return out.reshape(picture.shape)


def difference(a, b):
    """The largest difference of two arrays, in the units that they are in."""
    import numpy as np
    return float(np.max(np.abs(np.asarray(a, dtype=np.float64) - np.asarray(b, dtype=np.float64)), initial=0))


def code(range_, value):
    """value (0..1, double) as the code of an integer depth: clamped, rounded half up."""
    import numpy as np
    return np.floor(np.clip(value, 0, 1) * range_ + 0.5)
