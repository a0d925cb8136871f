# SPDX-License-Identifier: GPL-3.0-or-later
"""imgenhance compare against scikit-image (PSNR, SSIM, dE2000 formula) and NumPy (Lab at D50, percentiles)."""
import json
import os
import subprocess
import tempfile

import tap

numpy, metrics, color, tifffile = tap.require("numpy", "skimage.metrics", "skimage.color", "tifffile")

# Linear sRGB to XYZ at D50, adapted by Bradford (the matrix that ICC's sRGB profiles hold), and the D50 of ICC.
TO_XYZ = numpy.array([[0.43606567, 0.38514709, 0.14306641], [0.22248840, 0.71687317, 0.06060791],
                      [0.01391602, 0.09707642, 0.71409607]])
WHITE = numpy.array([0.96420288, 1.0, 0.82490540])


def lab(rgb):
    """CIELAB D50 of sRGB in 0..1: CIE 15, with the exact constants."""
    linear = numpy.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    ratio = linear @ TO_XYZ.T / WHITE
    f = numpy.where(ratio > 216 / 24389, numpy.cbrt(ratio), (24389 / 27 * ratio + 16) / 116)
    return numpy.stack([116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], -1)


def compare(folder, first, second):
    paths = [os.path.join(folder, name) for name in ("a.tif", "b.tif")]
    for path, pixels in zip(paths, (first, second)):
        tifffile.imwrite(path, pixels, photometric="rgb" if pixels.ndim == 3 else "minisblack")
    run = subprocess.run([os.environ["IMGENHANCE"], "compare", "--json", *paths], capture_output=True, check=False)
    return json.loads(run.stdout), run.returncode


def check(folder, shape, kind):
    random = numpy.random.default_rng(shape[0] * 1000 + shape[1])
    clean = (numpy.add.outer(numpy.arange(shape[0]), 2 * numpy.arange(shape[1])) % 97 / 96).astype("float64")
    clean = clean if len(shape) == 2 else numpy.stack([clean, 1 - clean, clean ** 2], -1)
    noisy = numpy.clip(clean + random.normal(0, 0.04, clean.shape), 0, 1)
    scale = 1 if kind == "float32" else numpy.iinfo(kind).max
    stored = [(numpy.round(p * scale) if scale > 1 else p).astype(kind) for p in (clean, noisy)]
    a, b = (p.astype("float64") / scale for p in stored)
    said, code = compare(folder, *stored)
    gray = len(shape) == 2
    ssim = metrics.structural_similarity(a, b, data_range=1, gaussian_weights=True, sigma=1.5,
                                         use_sample_covariance=False, channel_axis=None if gray else 2)
    psnr = metrics.peak_signal_noise_ratio(a, b, data_range=1)
    colours = [numpy.repeat(p[..., None], 3, 2) if gray else p for p in (a, b)]
    difference = color.deltaE_ciede2000(lab(colours[0]), lab(colours[1]))
    wanted = {"psnr": (psnr, 1e-5), "ssim": (ssim, 1e-7), "max_difference": (abs(a - b).max(), 1e-6),
              "de2000_mean": (difference.mean(), 2e-3), "de2000_max": (difference.max(), 1e-2),
              "de2000_p95": (numpy.percentile(difference, 95), 1e-2)}
    for name, (value, bound) in wanted.items():
        tap.check(abs(said[name] - value) <= bound, f"{name} of {kind}, {shape}",
                  f"{said[name]}, not {value} +- {bound}")
    tap.check(code == 1 and said["identical"] is False, f"{kind}, {shape}: not identical, exit code 1", said)


with tempfile.TemporaryDirectory() as scratch:
    for depth in ("uint8", "uint16", "float32"):
        for size in ((11, 11), (64, 97, 3), (203, 150)):
            check(scratch, size, depth)
    tiny = numpy.arange(60, dtype="uint8").reshape(4, 5, 3)
    same, status = compare(scratch, tiny, tiny)
    tap.check(status == 0 and same["identical"] and same["psnr"] is None and same["ssim"] is None,
              "equal and smaller than the window: no PSNR, no SSIM, exit code 0", same)
tap.done()
