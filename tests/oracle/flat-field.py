# SPDX-License-Identifier: GPL-3.0-or-later
"""flat-field through the command: with a frame (and a dark one) against its formula in numpy, estimated against the light
that the test put in and against SciPy's least absolute deviations of the same slopes, in gray and in colour."""
import os
import subprocess
import tempfile

import tap

np, scipy_optimize, tifffile = tap.require("numpy", "scipy.optimize", "tifffile")
import _command  # noqa: E402

_command.need()
random = np.random.default_rng(21)
height, width = 90, 120


def apply(step, picture, **frames):
    """The command with further pictures."""
    with tempfile.TemporaryDirectory() as folder:
        kinds = {}
        for name, array in dict(picture=picture, **frames).items():
            kinds[name] = os.path.join(folder, name + ".tif")
            tifffile.imwrite(kinds[name], array, photometric="rgb" if array.ndim == 3 else "minisblack", metadata=None)
        words = " ".join([step] + [f"{name}={kinds[name]}" for name in frames])
        out = os.path.join(folder, "out")
        ran = subprocess.run([os.environ["IMGENHANCE"], "apply", "--quiet", "--no-journal", "-f", words, "-o", out + os.sep,
                              kinds["picture"]], capture_output=True, text=True)
        if ran.returncode:
            raise RuntimeError(ran.stderr)
        return tifffile.imread(os.path.join(out, os.listdir(out)[0]))


y, x = np.mgrid[0:height, 0:width]
x, y = (2 * x + 1) / width - 1, (2 * y + 1) / height - 1
light = np.exp(0.4 * x - 0.2 * y - 0.5 * (x ** 2 + y ** 2) + 0.1 * x * y)
for channels in (1, 3):
    scene = random.uniform(0.1, 0.6, (height, width, channels))
    tint = np.array([1, 0.8, 0.6])[:channels]
    dark = 0.02 + 0.01 * random.uniform(0, 1, (height, width, channels))
    frame = 0.7 * light[..., None] * tint + dark
    picture = scene * light[..., None] * tint + dark
    picture, frame, dark = (np.squeeze(a.astype(np.float32)) for a in (picture, frame, dark))
    plain = picture.astype(float) * frame.mean(axis=(0, 1), dtype=float) / frame
    worst = _command.difference(apply("flat-field", picture, frame=frame), plain)
    tap.check(worst <= 1e-5, f"{channels} channels: frame within 1e-5 of numpy", worst)
    field = frame.astype(float) - dark
    both = (picture.astype(float) - dark) * field.mean(axis=(0, 1)) / field
    worst = _command.difference(apply("flat-field", picture, frame=frame, dark=dark), both)
    tap.check(worst <= 1e-5, f"{channels} channels: frame and dark frame within 1e-5 of numpy", worst)
    share = both.reshape(height, width, channels) / (scene * tint)
    spread = float((share.std(axis=(0, 1)) / share.mean(axis=(0, 1))).max())
    tap.check(spread < 1e-4, f"{channels} channels: the scene comes back, up to a factor", spread)
    limited = apply("flat-field limit=1.2", picture, frame=frame).astype(float)
    wanted = picture * np.minimum(frame.mean(axis=(0, 1), dtype=float) / frame, 1.2)
    tap.check(_command.difference(limited, wanted) <= 1e-5, f"{channels} channels: limit", _command.difference(limited, wanted))
    for dtype, codes in ((np.uint8, 255), (np.uint16, 65535)):
        stored, stored_frame = (np.round(np.clip(a, 0, 1) * codes).astype(dtype) for a in (picture, frame))
        wanted = _command.code(codes, stored / codes * stored_frame.mean(axis=(0, 1)) / np.maximum(stored_frame, 1e-9))
        worst = _command.difference(apply("flat-field", stored, frame=stored_frame), wanted)
        tap.check(worst <= 1, f"{channels} channels, {np.dtype(dtype)}: within 1 code", worst)

try:
    apply("flat-field", picture, dark=dark)
    tap.check(False, "a dark frame without a frame is refused")
except RuntimeError as error:
    tap.check("needs frame" in str(error), "a dark frame without a frame is refused", error)
try:
    apply("flat-field", picture, frame=frame[:50])
    tap.check(False, "a frame of another size is refused")
except RuntimeError as error:
    tap.check(len(str(error).strip().splitlines()) == 1, "a frame of another size is refused in one line", error)

def mean_of_cells(values, known):
    """Over 64 x 48 cells."""
    h, w = known.shape
    cell = (np.arange(h) * 48 // h)[:, None] * 64 + (np.arange(w) * 64 // w)[None, :]
    return (np.bincount(cell[known], weights=values[known], minlength=3072) / np.bincount(cell[known], minlength=3072)).reshape(48, 64)


def slopes_of(cells):
    return np.concatenate([(cells[:, 1:] - cells[:, :-1]).reshape(-1, *cells.shape[2:]), (cells[1:] - cells[:-1]).reshape(-1, *cells.shape[2:])])


def light_by_scipy(picture):
    """The terms: the least sum of absolute deviations, but for the bend at 0 that the filter smooths, each weighted by how alike
    the slopes of the channels are."""
    channels = picture.reshape(*picture.shape[:2], -1).astype(float)
    value = channels.max(axis=2)
    known = (value > 2.5 / 255) & (value < 253.5 / 255)
    slopes = slopes_of(mean_of_cells(np.log2(value + 1 / 255), known))
    each = [slopes_of(np.log2(mean_of_cells(channels[..., c], known) + 1 / 255)) for c in range(channels.shape[2])]
    apart = sum(np.abs(each[i] - each[i - 1]) for i in range(len(each)))
    weights = 1 / np.sqrt(1 + (apart / 0.02) ** 2)
    cy, cx = np.mgrid[0:48, 0:64]
    cx, cy = (2 * cx + 1) / 64 - 1, (2 * cy + 1) / 48 - 1
    rows = slopes_of(np.stack([cx, cy, cx * cx, cx * cy, cy * cy], -1))

    def loss(t):
        rest = np.abs(rows @ t - slopes)
        return np.sum(weights * np.where(rest < 0.005, rest ** 2 / 0.01 + 0.0025, rest))

    def slope_of_loss(t):
        rest = rows @ t - slopes
        return rows.T @ (weights * np.clip(rest / 0.005, -1, 1))

    terms = scipy_optimize.minimize(loss, np.zeros(5), jac=slope_of_loss, method="BFGS", options={"gtol": 1e-6, "maxiter": 2000}).x
    seen = ((terms / (0.1, 0.2, 0.13, 0.1, 0.22)) ** 2).sum()
    return terms * seen / (seen + 8)


# Estimated: a scene of flat patches with sharp edges and noise under a light that the model holds.
for seed in range(4):
    own = np.random.default_rng(seed)
    a = own.uniform(-0.5, 0.5, 5)
    h, w = 300, 400
    y, x = np.mgrid[0:h, 0:w]
    patches = own.uniform(0.25, 0.6, (7, 9) + (3,) * (seed % 2))[(y * 7) // h, (x * 9) // w]
    x, y = (2 * x + 1) / w - 1, (2 * y + 1) / h - 1
    log_light = a[0] * x + a[1] * y + a[2] * x * x + a[3] * x * y + a[4] * y * y
    noisy = (patches.T * (2 ** log_light * (1 + 0.02 * own.standard_normal((h, w)))).T).T
    picture = np.clip(noisy, 0.02, 0.98).astype(np.float32)
    out = _command.apply("flat-field", picture)
    what = f"estimated, light {seed}, {'colour' if seed % 2 else 'gray'}"
    field = picture.astype(float) / out
    left = np.log2(out.astype(float)) - np.log2(patches)
    before = np.log2(picture.astype(float)) - np.log2(patches)
    tap.check(left.std() < 0.5 * before.std() + 0.02, f"{what}: the most of it goes", (left.std(), before.std()))
    tap.check(abs(field.mean() - 1) < 0.01, f"{what}: the field's mean is 1", field.mean())
    gain = np.log2(out.astype(float) / picture).reshape(h, w, -1)
    tap.check(np.ptp(gain, axis=2).max() < 1e-4, f"{what}: all channels are divided by the same", np.ptp(gain, axis=2).max())
    gain, terms = gain[..., 0], light_by_scipy(picture)
    wanted = -(terms[0] * x + terms[1] * y + terms[2] * x * x + terms[3] * x * y + terms[4] * y * y)
    worst = np.abs((gain - gain.mean()) - (wanted - wanted.mean())).max()
    tap.check(worst < 0.02, f"{what}: within 0.02 stops of SciPy's fit", worst)

# A sky that grows darker and bluer to the right, above ground in even light: its colour tells that it is not the light.
y, x = np.mgrid[0:240, 0:320]
sky = np.stack([0.75 - 0.5 * x / 320, 0.7 - 0.35 * x / 320, 0.65 - 0.05 * x / 320], -1)
scene = np.where((y < 144)[..., None], sky, 0.4) * random.uniform(0.9, 1.1, (24, 32, 1))[y // 10, x // 10]
gray = np.repeat(scene.max(axis=2)[..., None], 3, axis=2)
taken = [np.ptp(np.log2((_command.apply("flat-field", p.astype(np.float32)).astype(float) / p).mean(axis=2))) for p in (scene, gray)]
tap.check(taken[0] < 0.6 * taken[1], "of a sky less is taken for the light than of a gray one", taken)
tap.done()
