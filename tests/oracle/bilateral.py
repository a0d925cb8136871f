# SPDX-License-Identifier: GPL-3.0-or-later
"""bilateral of the command: method=exact by its formula, written out in double precision, within 1 code at every depth,
and beside OpenCV's bilateralFilter, which has the same formula with other names; method=fast within its published error
of the formula on photographs."""
import os

import _command
import tap

np, cv2 = tap.require("numpy", "cv2")

_command.need()
RANGE = {"uint8": 255, "uint16": 65535, "float32": 1}
FLOAT_BOUND = 3e-6  # of range: the weights' 2.9e-6 times differences that still weigh, and rounding
FAST_MEAN, FAST_MOST = 0.25, 12  # codes of 8 bits: filters/kernel/bilateral-grid.c


def formula(values, alpha, radius, sigma_space, sigma_range, square, luma):
    """values: height x width x channels, double, 0..1."""
    height, width = values.shape[:2]
    padded = np.pad(values, ((radius, radius), (radius, radius), (0, 0)), mode="reflect")
    padded_alpha = np.pad(alpha, radius, mode="reflect")
    total, weights = np.zeros_like(values), np.zeros(values.shape[:2])
    for dy in range(-radius, radius + 1):
        for dx in range(-radius, radius + 1):
            if not square and dx * dx + dy * dy > radius * radius:
                continue
            rows, columns = slice(radius + dy, radius + dy + height), slice(radius + dx, radius + dx + width)
            other = padded[rows, columns]
            difference = other - values
            distance = np.abs(difference.mean(axis=2)) if luma else np.abs(difference).mean(axis=2)
            weight = np.exp(-(dx * dx + dy * dy) / (2 * sigma_space ** 2) - distance ** 2 / (2 * sigma_range ** 2))
            weight *= padded_alpha[rows, columns]
            weights += weight
            total += weight[..., None] * other
    safe = np.where(weights > 0, weights, 1)
    return np.where((weights > 0)[..., None], total / safe[..., None], values)


def picture_of(kind, height, width, channels, seed):
    random = np.random.default_rng(seed)
    if kind == "noise":
        return random.random((height, width, channels))
    if kind == "ends":
        return random.integers(0, 2, (height, width, channels)).astype(float)
    y, x = np.mgrid[:height, :width]
    base = 0.3 + 0.4 * ((x // 9 + y // 7) % 2) + 0.1 * np.sin(x * 0.21)
    return np.clip(base[..., None] + random.normal(0, 0.04, (height, width, channels)), 0, 1)


def at_depth(values, depth):
    return values.astype(np.float32) if depth == "float32" else np.floor(values * RANGE[depth] + 0.5).astype(depth)


def check_exact(depth, kind, channels, has_alpha, settings, size=(41, 67)):
    radius, sigma_space, sigma_range, square, luma = settings
    picture = at_depth(picture_of(kind, *size, channels, 3), depth)
    exact = picture.astype(float) / RANGE[depth]
    alpha = exact[..., -1] if has_alpha else np.ones(size)
    colours = exact[..., :-1] if has_alpha else exact
    expected = formula(colours, alpha, radius, sigma_space, sigma_range, square, luma)
    step = (f"bilateral radius={radius} sigma-space={sigma_space} sigma-range={sigma_range * 100} "
            f"window={'square' if square else 'disc'} edges={'luma' if luma else 'colour'}")
    if channels == 1:
        picture = picture[..., 0]
    out = _command.apply(step, picture, alpha=has_alpha).reshape(exact.shape).astype(float)
    got = out[..., :-1] if has_alpha else out
    seen = alpha > 0
    if depth == "float32":
        error, bound = np.abs(got - expected)[seen].max(), FLOAT_BOUND
    else:
        error, bound = np.abs(got - np.floor(expected * RANGE[depth] + 0.5))[seen].max(), 1
    tap.check(error <= bound, f"{step}, {depth}, {kind}, {channels} channels{' with alpha' if has_alpha else ''}",
              f"largest difference {error}, bound {bound}")


# radius, sigma_space, sigma_range, square window, luma
SETTINGS = ((4, 3.0, 0.0327, False, False), (3, 1.5, 0.2, True, False), (5, 4.0, 0.06, False, True),
            (1, 0.5, 0.01, False, False), (9, 6.0, 1.0, True, True))
for depth in RANGE:
    for kind in ("scene", "noise", "ends"):
        for settings in SETTINGS:
            check_exact(depth, kind, 3, False, settings)
    for settings in SETTINGS[:3]:
        check_exact(depth, "scene", 1, False, settings)
        check_exact(depth, "scene", 4, True, settings)
        check_exact(depth, "noise", 2, True, settings)
    check_exact(depth, "scene", 3, False, (12, 7.0, 0.1, False, False), (13, 11))

# OpenCV on a picture wider than a rectangle of the engine; its sigma is of the sum of the channels' differences.
for channels in (1, 3):
    picture = at_depth(picture_of("scene", 300, 700, channels, 5), "uint8").squeeze()
    expected = cv2.bilateralFilter(picture, 9, 25, 3, borderType=cv2.BORDER_REFLECT_101)
    out = _command.apply(f"bilateral radius=4 sigma-space=3 sigma-range={25 / channels / 2.55}", picture)
    tap.check(_command.difference(out, expected) <= 1, f"OpenCV's bilateralFilter, {channels} channels",
              _command.difference(out, expected))

photos = os.path.join(os.environ.get("SHARED", ""), "photos")
for number, sigma_space, percent in ((3, 12, 9.8), (5, 12, 9.8), (8, 4, 10), (5, 20, 10), (3, 7, 3), (8, 12, 20),
                                     (5, 12, 3.268), (8, 12, 3.268)):
    name = f"fast, sigma_space {sigma_space}, sigma_range {percent} %, photograph {number}"
    path = os.path.join(photos, f"kodim{number:02d}.png")
    if not os.path.isfile(path):
        tap.skip(name, "the photographs are absent")
        continue
    picture = cv2.imread(path)[:192, 64:256, ::-1].astype(np.float32) / 255
    step = f"bilateral sigma-space={sigma_space} sigma-range={percent}"
    fast = _command.apply(step + " method=fast", picture)
    exact = _command.apply(step + f" edges=luma window=square radius={4 * sigma_space}", picture)
    error = np.abs(fast - exact) * 255
    tap.check(error.mean() <= FAST_MEAN and error.max() <= FAST_MOST, name,
              f"mean {error.mean():.3f} of {FAST_MEAN}, most {error.max():.2f} of {FAST_MOST} codes")
    colour = _command.apply(step + f" window=square radius={4 * sigma_space}", picture)
    apart, own = np.abs(fast - colour) * 255, np.abs(exact - colour) * 255
    tap.check(apart.mean() <= own.mean() + FAST_MEAN, f"{name}: no farther from edges=colour than edges=luma is",
              f"mean {apart.mean():.3f}, edges=luma itself {own.mean():.3f} codes")
    print(f"# {name}: mean {error.mean():.3f} code from edges=luma, {apart.mean():.3f} from edges=colour")
    for depth in ("uint8", "uint16"):
        whole = at_depth(picture, depth)
        rounded = np.floor(fast * RANGE[depth] + 0.5)
        difference = _command.difference(_command.apply(step + " method=fast", whole), rounded)
        tap.check(difference <= 1, f"{name}: {depth} is the rounded float result", difference)

tap.done()
