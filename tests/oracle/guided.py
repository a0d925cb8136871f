# SPDX-License-Identifier: GPL-3.0-or-later
"""guided of the command by the formula of He et al., box means by SciPy in double precision, at every depth; with alpha
by the weighted formula; that large radii and borders hold."""
import _command
import tap

np, _scipy = tap.require("numpy", "scipy")
from scipy.ndimage import convolve1d

_command.need()
RANGE = {"uint8": 255, "uint16": 65535, "float32": 1}
FLOAT_BOUND = 2e-5  # of range: a variance that is right to 1e-7, beside eps of at least 1e-4


def box(values, radius):
    """Sums over the window, mirrored at the border as often as it takes."""
    if radius >= min(values.shape):
        values = np.pad(values, radius, mode="reflect")
        return box_of(values, radius)[radius:-radius, radius:-radius]
    return box_of(values, radius)


def box_of(values, radius):
    taps = np.ones(2 * radius + 1)
    return convolve1d(convolve1d(values, taps, axis=0, mode="mirror"), taps, axis=1, mode="mirror")


def formula(values, alpha, radius, sigma):
    weight = box(alpha, radius)
    safe = np.where(weight > 0, weight, 1)
    mean = box(values * alpha, radius) / safe
    variance = np.maximum(box(values * values * alpha, radius) / safe - mean * mean, 0)
    a = variance / (variance + sigma * sigma)
    b = mean - a * mean
    total = box(weight, radius)
    total = np.where(total > 0, total, 1)
    return box(a * weight, radius) / total * values + box(b * weight, radius) / total


def at_depth(values, depth):
    return values.astype(np.float32) if depth == "float32" else np.floor(values * RANGE[depth] + 0.5).astype(depth)


def scene(height, width, channels, seed):
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    base = 0.3 + 0.4 * ((x // 11 + y // 13) % 2) + 0.1 * np.sin(x * 0.2)
    return np.clip(base[..., None] + random.normal(0, 0.05, (height, width, channels)), 0, 1)


def check(depth, radius, percent, size, channels, alpha_too=False):
    picture = at_depth(scene(*size, channels, 11), depth)
    exact = picture.astype(float) / RANGE[depth]
    alpha = exact[..., -1].copy() if alpha_too else np.ones(size)
    if alpha_too:
        picture[::3, ::2, -1] = 0
        alpha = picture[..., -1].astype(float) / RANGE[depth]
    step = f"guided radius={radius} sigma-range={percent}"
    out = _command.apply(step, picture.squeeze(axis=2) if channels == 1 else picture, alpha=alpha_too)
    out = out.reshape(exact.shape).astype(float)
    colours = channels - alpha_too
    expected = np.dstack([formula(exact[..., c], alpha, radius, percent / 100) for c in range(colours)])
    seen = alpha > 0
    if depth == "float32":
        error, bound = np.abs(out[..., :colours] - expected)[seen].max(), FLOAT_BOUND
    else:
        error = np.abs(out[..., :colours] - np.floor(np.clip(expected, 0, 1) * RANGE[depth] + 0.5))[seen].max()
        bound = 1 if depth == "uint8" else 2
    tap.check(error <= bound, f"{step}, {depth}, {size[0]} x {size[1]} x {channels}{' with alpha' if alpha_too else ''}",
              f"largest difference {error}, bound {bound}")


for depth in RANGE:
    for radius, percent in ((1, 5), (2, 1), (4, 5), (7, 40), (15, 10)):
        check(depth, radius, percent, (61, 83), 3)
    check(depth, 3, 5, (40, 50), 4, True)
    check(depth, 5, 5, (40, 50), 2, True)
    check(depth, 4, 5, (300, 700), 1)
    check(depth, 9, 5, (11, 13), 1)

tap.done()
