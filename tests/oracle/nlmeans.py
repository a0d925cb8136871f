# SPDX-License-Identifier: GPL-3.0-or-later
"""nlmeans of the command, with the noise given, by a plain version of its formula, at every depth; noise under alpha 0
does not show. How well it removes noise stands in use-noise.py."""
import _command
import tap

(np,) = tap.require("numpy")

_command.need()
RANGE = {"uint8": 255, "uint16": 65535, "float32": 1}
FLOAT_BOUND = 2e-6  # of range: sums of a few hundred floats
STEPS, UNIT, MOST = 512, 16, 1023


def guide_of(values, sigma):
    table = np.zeros(STEPS + 2, np.float32)
    total = 0.0
    for k in range(STEPS + 2):
        table[k] = total
        total += UNIT / (max(sigma, 0.001) * STEPS)
    place = values * np.float32(STEPS)
    k = np.clip(place, 0, STEPS).astype(int)
    g = table[k] + (place - k.astype(np.float32)) * (table[k + 1] - table[k])
    g = np.clip(g, -16383, 16383).astype(np.float32)
    return np.trunc(g + np.where(g < 0, np.float32(-0.5), np.float32(0.5))).astype(np.int64)


def box(values, radius):
    """Sums over the window where it fits."""
    sums = np.pad(values, ((1, 0), (1, 0))).cumsum(axis=0).cumsum(axis=1)
    side = 2 * radius + 1
    return sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]


def rule_of(patch, channels):
    """The steps of squares and weights, as nlmeans-rows.h has them: sums of squares that weigh anything fit 16 bits."""
    side = 2 * patch + 1
    variance, most, shift = side * side * channels * UNIT * UNIT, 65535 // side, 0
    while 4 * variance > most << shift:
        shift += 1
    half = (1 << shift) >> 1
    full = int(2.5 * variance / (1 << shift) + 0.5)
    none = int(1.5 * variance / (1 << shift) + 0.5) + full
    scale = 65000 // full
    fourth = (((full * scale) ** 2 >> 16) + 1) ** 2 >> 16
    factor = int(min(MOST, 65535 // (side * side)) * 65536 / fourth + 0.5)
    return half, shift, most, none, full, scale, factor, 32768 // factor


def formula(values, alpha, sigma, patch, search):
    """values: height x width x channels, float32 of 0..1; alpha: height x width."""
    height, width, channels = values.shape
    margin = search + 2 * patch
    folded = np.pad(values, ((margin, margin), (margin, margin), (0, 0)), mode="reflect")
    seen = np.pad(alpha, margin, mode="reflect")
    guide = np.where((seen > 0)[..., None], guide_of(folded, sigma), 0)
    side = 2 * patch + 1
    half, shift, most, none, full, scale, factor, bias = rule_of(patch, channels)
    limit = int(((65535 - half) / channels) ** 0.5)
    total, weights = np.zeros(values.shape), np.zeros((height, width))
    rows, columns = height + 4 * patch, width + 4 * patch
    for dy in range(-search, search + 1):
        for dx in range(-search, search + 1):
            own = guide[search:search + rows, search:search + columns]
            other = guide[search + dy:search + dy + rows, search + dx:search + dx + columns]
            squares = (np.minimum(np.abs(own - other), limit) ** 2).sum(axis=2)
            near = np.clip(none - box(np.minimum(squares + half >> shift, most), patch), 0, full) * scale
            near = (near * near >> 16) + 1
            near = near * near >> 16
            weight = box((near + bias) * factor >> 16, patch)
            if dx == 0 and dy == 0:
                weight = weight // 2
            place = np.s_[margin + dy:margin + dy + height, margin + dx:margin + dx + width]
            weight = weight * seen[place]
            weights += weight
            total += weight[..., None] * folded[place]
    safe = np.where(weights > 0, weights, 1)
    return np.where((weights > 0)[..., None], total / safe[..., None], values)


def scene(height, width, channels, seed):
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    base = 0.3 + 0.4 * ((x // 9 + y // 7) % 2) + 0.1 * np.sin(x * 0.2)
    return np.clip(base[..., None] + random.normal(0, 0.06, (height, width, channels)), 0, 1)


def check(depth, size, channels, percent, patch, search, has_alpha=False, strength=1):
    values = scene(*size, channels, 2)
    picture = values.astype(np.float32) if depth == "float32" else np.floor(values * RANGE[depth] + 0.5).astype(depth)
    if has_alpha:
        picture[::5, ::3, -1] = 0
    real = (picture / np.float64(RANGE[depth])).astype(np.float32)
    alpha = real[..., -1].astype(float) if has_alpha else np.ones(size)
    colours = channels - has_alpha
    expected = formula(real[..., :colours], alpha, percent / 100 * strength, patch, search)
    step = f"nlmeans noise={percent} patch-radius={patch} search-radius={search} strength={strength}"
    out = _command.apply(step, picture.squeeze(axis=2) if channels == 1 else picture, alpha=has_alpha)
    got = out.reshape(picture.shape)[..., :colours].astype(float)
    seen = alpha > 0
    if depth == "float32":
        error, bound = np.abs(got - expected)[seen].max(), FLOAT_BOUND
    else:
        error, bound = np.abs(got - np.floor(expected * RANGE[depth] + 0.5))[seen].max(), 1
    tap.check(error <= bound, f"{step}, {depth}, {size[0]} x {size[1]} x {channels}{' with alpha' if has_alpha else ''}",
              f"largest difference {error}, bound {bound}")


for depth in RANGE:
    check(depth, (45, 62), 3, 6, 1, 7)
    check(depth, (45, 62), 1, 6, 3, 5)
    check(depth, (33, 40), 3, 20, 5, 4, strength=1.5)
    check(depth, (33, 40), 3, 0.01, 2, 3)
    check(depth, (33, 40), 4, 6, 1, 7, True)
    check(depth, (33, 40), 2, 6, 2, 3, True)
check("uint8", (150, 700), 3, 6, 1, 2)

tap.done()
