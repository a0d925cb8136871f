# SPDX-License-Identifier: GPL-3.0-or-later
"""The working spaces and dE 2000 (BUILD/tests/tool-colour) against lcms2 (through Pillow) and scikit-image."""
import os
import subprocess
import sys

import tap

np, ImageCms, Image, colour = tap.require("numpy", "PIL.ImageCms", "PIL.Image", "skimage.color")
tool = os.path.join(os.environ.get("BUILD", ""), "tests", "tool-colour")
if not os.access(tool, os.X_OK):
    tap.skip(os.path.basename(sys.argv[0]), "there is no BUILD/tests/tool-colour")
    tap.done()


def ask(mode, values, channels):
    ran = subprocess.run([tool, mode], input=np.ascontiguousarray(values, dtype=np.float32).tobytes(),
                         stdout=subprocess.PIPE, check=True)
    return np.frombuffer(ran.stdout, dtype=np.float32).reshape(-1, channels)


def largest(a, b):
    return float(np.abs(np.asarray(a, dtype=np.float64) - b).max())


random = np.random.default_rng(1)
grid = np.stack(np.meshgrid(*[np.arange(0, 256, 5, dtype=np.uint8)] * 3), axis=-1).reshape(-1, 3)
rgb = (grid / 255).astype(np.float32)
lab = 100 * ask("lab", rgb, 3).astype(np.float64)

# scikit-image goes from D65 XYZ with rounded matrices to another white's Lab without adapting; so only its last step is
# asked: XYZ, adapted here by Bradford from the standard's own numbers, to Lab under D50.
linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb.astype(np.float64) + 0.055) / 1.055) ** 2.4)
tap.check(largest(ask("linear", rgb, 3), linear) < 5e-7, "linear light is the curve of IEC 61966-2-1",
          largest(ask("linear", rgb, 3), linear))
xyz_of = lambda x, y: np.array([x / y, 1, (1 - x - y) / y])  # noqa: E731
primaries = np.stack([xyz_of(0.64, 0.33), xyz_of(0.30, 0.60), xyz_of(0.15, 0.06)], axis=1)
d65, d50 = xyz_of(0.3127, 0.3290), np.array([0.9642, 1, 0.8249])
bradford = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
adapt = np.linalg.inv(bradford) @ np.diag((bradford @ d50) / (bradford @ d65)) @ bradford
matrix = adapt @ (primaries * np.linalg.solve(primaries, d65))
white = colour.lab2xyz(np.array([100.0, 0, 0]), illuminant="D50")  # its D50 has more digits than ICC's
wanted = colour.xyz2lab((linear @ matrix.T) / d50 * white, illuminant="D50")
# scikit-image's constants are 0.008856 and 7.787: a difference of up to 1e-3 on dark colours.
tap.check(largest(lab, wanted) < 2e-3, "Lab within 0.002 of scikit-image's", largest(lab, wanted))

# lcms2, 8 bits in and out: Lab in Pillow is L * 255 / 100, a and b as signed bytes.
transform = ImageCms.buildTransform(ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB",
                                    renderingIntent=1, flags=0x0100)  # cmsFLAGS_NOOPTIMIZE
picture = Image.fromarray(grid.reshape(1, -1, 3), "RGB")
theirs = np.asarray(ImageCms.applyTransform(picture, transform)).reshape(-1, 3)
theirs = np.stack([theirs[:, 0] * (100 / 255), theirs[:, 1].astype(np.int8), theirs[:, 2].astype(np.int8)], axis=1)
for i, (name, half) in enumerate([("L*", 50 / 255), ("a*", 0.5), ("b*", 0.5)]):
    bound = half * 1.1 + 0.02  # half a code of the oracle's own rounding, and its 16-bit arithmetic
    tap.check(largest(lab[:, i], theirs[:, i]) < bound, f"{name} is what lcms2 says, to its 8 bits",
              f"{largest(lab[:, i], theirs[:, i])} not below {bound}")

tap.check(largest(100 * ask("lightness", rgb, 1)[:, 0], lab[:, 0]) < 1e-4, "lightness is L* of Lab")
tap.check(largest(ask("value", rgb, 1)[:, 0], colour.rgb2hsv(rgb)[:, 2]) == 0, "value is V of HSV")
worst = largest(ask("round-trip", rgb, 3), rgb)
tap.check(worst < 1e-5, "lightness and back, unchanged, is the picture", worst)

a = np.stack([random.uniform(0, 100, 20000), *random.uniform(-100, 100, (2, 20000))], axis=1).astype(np.float32)
b = (a + random.normal(0, 1, a.shape) * random.choice([0.5, 5, 40], (20000, 1))).astype(np.float32)
found = ask("difference", np.concatenate([a, b], axis=1), 1)[:, 0]
wanted = colour.deltaE_ciede2000(a.astype(np.float64), b.astype(np.float64))
worst = float((np.abs(found - wanted) / (1 + wanted)).max())
tap.check(worst < 1e-5, "dE 2000 is scikit-image's", worst)
tap.done()
