# SPDX-License-Identifier: GPL-3.0-or-later
"""denoise of the command, with the noise given, by a plain version of its formula with SciPy's transform, at every depth.
How well it removes noise stands in use-noise.py."""
import tap

np, fft = tap.require("numpy", "scipy.fft")
import _command  # noqa: E402

_command.need()
RANGE = {"uint8": 255, "uint16": 65535, "float32": 1}
# Of range. A coefficient beside the threshold may fall to either side by rounding: it moves the pilot by a little, in one
# of 32 blocks, and the result by less.
FLOAT_BOUND, FLOAT_MEAN = 2e-4, 1e-6
SIDE, STEP, MARGIN, THRESHOLD = 8, 2, 14, 2.7
OPPONENTS = np.array([[1, 1, 1], [1, 0, -1], [1, -2, 1]]) / np.sqrt([[3], [2], [6]])


def transformed(plane):
    """Of the block that begins at every second row and every column."""
    return fft.dctn(np.lib.stride_tricks.sliding_window_view(plane, (SIDE, SIDE))[::STEP], axes=(2, 3), norm="ortho")


def together(coefficients, weights, shape):
    blocks = fft.idctn(coefficients, axes=(2, 3), norm="ortho")
    total, weight = np.zeros(shape), np.zeros(shape)
    down, across = weights.shape
    for y in range(SIDE):
        for x in range(SIDE):
            place = np.s_[y:y + STEP * down:STEP, x:x + across]
            total[place] += weights * blocks[:, :, y, x]
            weight[place] += weights
    return total / np.where(weight > 0, weight, 1)


def filled(plane, seen):
    """The transform of the plane whose unseen pixels are the mean of the seen ones of each block."""
    mask = transformed(seen)
    of_mask = mask[:, :, :1, :1]
    of_plane = transformed(plane * seen)
    mean = np.where(of_mask > 1e-6, of_plane[:, :, :1, :1] / np.where(of_mask > 1e-6, of_mask, 1), 0)
    lacking = -mask
    lacking[:, :, 0, 0] += SIDE
    return of_plane + mean * lacking


def formula(values, alpha, sigma):
    """values: height x width x channels, of 0..1."""
    height, width, channels = values.shape
    # Blocks begin at even rows of the picture, and MARGIN is even.
    folded = np.pad(values.astype(float), ((MARGIN, MARGIN), (MARGIN, MARGIN), (0, 0)), mode="reflect")
    seen = np.pad((alpha > 0).astype(float), MARGIN, mode="reflect")
    mix = OPPONENTS if channels == 3 else np.eye(channels)
    planes = folded @ mix.T
    out = np.zeros_like(planes)
    for o in range(channels):
        own = filled(planes[..., o], seen)
        kept = np.abs(own) > THRESHOLD * sigma
        kept[:, :, 0, 0] = True
        pilot = transformed(together(own * kept, 1 / kept.sum(axis=(2, 3)), seen.shape))
        gain = pilot ** 2 / (pilot ** 2 + sigma ** 2)
        gain[:, :, 0, 0] = 1
        out[..., o] = together(own * gain, 1 / (gain ** 2).sum(axis=(2, 3)), seen.shape)
    return (out @ mix)[MARGIN:MARGIN + height, MARGIN:MARGIN + width]


def scene(height, width, channels):
    random = np.random.default_rng(2)
    y, x = np.mgrid[:height, :width]
    base = 0.3 + 0.4 * ((x // 9 + y // 7) % 2) + 0.1 * np.sin(x * 0.2)
    return np.clip(base[..., None] + random.normal(0, 0.06, (height, width, channels)), 0, 1)


def check(depth, size, channels, percent, has_alpha=False, strength=1):
    values = scene(*size, channels)
    picture = values.astype(np.float32) if depth == "float32" else np.floor(values * RANGE[depth] + 0.5).astype(depth)
    if has_alpha:
        picture[::5, ::3, -1] = 0
        picture[9:22, 11:25, -1] = 0
    real = picture / np.float64(RANGE[depth])
    alpha = real[..., -1] if has_alpha else np.ones(size)
    colours = channels - has_alpha
    expected = formula(real[..., :colours], alpha, percent / 100 * strength)
    step = f"denoise noise={percent} strength={strength}"
    out = _command.apply(step, picture.squeeze(axis=2) if channels == 1 else picture, alpha=has_alpha)
    got = out.reshape(picture.shape)[..., :colours].astype(float)
    seen = alpha > 0
    name = f"{step}, {depth}, {size[0]} x {size[1]} x {channels}{' with alpha' if has_alpha else ''}"
    if depth == "float32":
        error = np.abs(got - expected)[seen]
        tap.check(error.max() <= FLOAT_BOUND and error.mean() <= FLOAT_MEAN, name, f"{error.max()}, in the mean {error.mean()}")
    else:
        bound = 1 if depth == "uint8" else 1 + FLOAT_BOUND * 65535
        error = np.abs(got - np.floor(np.clip(expected, 0, 1) * RANGE[depth] + 0.5))[seen].max()
        tap.check(error <= bound, name, f"largest difference {error}, bound {bound}")


for depth in RANGE:
    check(depth, (45, 62), 3, 6)
    check(depth, (45, 62), 1, 6)
    check(depth, (33, 41), 3, 15, strength=1.5)
    check(depth, (33, 40), 4, 6, True)
    check(depth, (33, 40), 2, 6, True)
    check(depth, (15, 16), 3, 6)
check("uint8", (150, 700), 3, 6)

# Without noise nothing is taken for it: smooth shades and edges stay.
y, x = np.mgrid[0:200, 0:300]
clean = np.dstack([0.5 + 0.3 * np.sin(x / 50 + k) * np.cos(y / 40) for k in range(3)])
clean[60:120, 80:200] = (0.8, 0.3, 0.2)
picture = np.round(clean * 255).astype(np.uint8)
worst = _command.difference(_command.apply("denoise", picture), picture)
tap.check(worst <= 1, "a clean picture stays within 1 code", worst)

tap.done()
