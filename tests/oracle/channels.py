# SPDX-License-Identifier: GPL-3.0-or-later
"""channels through the command, against numpy's indexing and matrix product."""
import os
import subprocess
import tempfile

import tap

np, tifffile = tap.require("numpy", "tifffile")
import _command  # noqa: E402

_command.need()
random = np.random.default_rng(8)


def run(step, picture, alpha=False):
    """Samples (height x width x channels) of the result, or the message."""
    colours = picture.shape[2] - alpha
    with tempfile.TemporaryDirectory() as folder:
        source, result = os.path.join(folder, "in.tif"), os.path.join(folder, "out.tif")
        tifffile.imwrite(source, picture if picture.shape[2] > 1 else picture[..., 0],
                         photometric="rgb" if colours == 3 else "minisblack", metadata=None, planarconfig="contig" if picture.shape[2] > 1 else None,
                         extrasamples=["unassalpha"] if alpha else None)
        ran = subprocess.run([os.environ["IMGENHANCE"], "apply", "--quiet", "--no-journal", "-f", step, "-o", result, source],
                             capture_output=True, text=True)
        if ran.returncode != 0:
            return ran.stderr.strip()
        out = tifffile.imread(result)
        return out.reshape(*picture.shape[:2], -1)


for dtype, top in ((np.uint8, 255), (np.uint16, 65535), (np.float32, 1)):
    kind = np.dtype(dtype)
    rgba = (random.random((41, 53, 4)) * top).astype(dtype)
    rgb = np.ascontiguousarray(rgba[..., :3])
    full, none = np.full(rgb.shape[:2], top, dtype), np.zeros(rgb.shape[:2], dtype)
    for pick, picture, alpha, wanted in (
            ("bgr", rgb, False, rgb[..., ::-1]), ("g", rgb, False, rgb[..., 1:2]), ("3", rgb, False, rgb[..., 2:3]),
            ("rrb", rgba, True, rgba[..., [0, 0, 2]]), ("rgba", rgba, True, rgba), ("brga", rgba, True, rgba[..., [2, 0, 1, 3]]),
            ("a", rgba, True, rgba[..., 3:]), ("ga", rgba, True, rgba[..., [1, 3]]), ("rgbw", rgb, False, np.dstack([rgb, full])),
            ("rgbg", rgba, True, rgba[..., [0, 1, 2, 1]]), ("r00", rgb, False, np.dstack([rgb[..., 0], none, none])),
            ("a", rgb, False, full[..., None]), ("lll", rgb[..., :1], False, rgb[..., [0, 0, 0]])):
        out = run(f"channels pick={pick}", np.ascontiguousarray(picture), alpha)
        good = not isinstance(out, str) and out.dtype == dtype and np.array_equal(out, wanted)
        tap.check(good, f"{kind}: pick={pick} of {picture.shape[2]} channels", out if isinstance(out, str) else out.shape)
    for matrix in ("0.2126,0.7152,0.0722", "0,1,0;0,0,1;1,0,0", "0.5,0.25,0.25,0.1;0,1,0,-0.05;0.3,0,0.7,0"):
        m = np.array([[float(n) for n in row.split(",")] for row in matrix.split(";")])
        for picture, alpha in ((rgb, False), (rgba, True)):
            v = np.dstack([picture[..., :3] / top, np.ones(rgb.shape[:2])])[..., :m.shape[1]].astype(float)
            wanted = v @ m.T
            out = run(f"channels matrix={matrix}", picture, alpha)
            if isinstance(out, str):
                tap.check(False, f"{kind}: matrix {matrix}", out)
                continue
            wanted = wanted if top == 1 else _command.code(top, wanted)
            worst = _command.difference(out[..., :len(m)], wanted)
            kept = not alpha or np.array_equal(out[..., -1], picture[..., -1])
            tap.check(worst <= (1 if top > 1 else 1e-6) and kept, f"{kind}: matrix {matrix}, alpha {alpha}", worst)

eight = (random.random((9, 9, 3)) * 255).astype(np.uint8)
for step, words in (("channels pick=rgx", "no channel 'x'"), ("channels pick=rgbrg", "letters"), ("channels pick=c", "no channel 'c'"),
                    ("channels matrix=1,0;0,1", "matrix"), ("channels matrix=1,0,0;0,1,0", "matrix")):
    out = run(step, eight)
    tap.check(isinstance(out, str) and words in out and "\n" not in out, f"{step}: one clear line", out)
tap.done()
