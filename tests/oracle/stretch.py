# SPDX-License-Identifier: GPL-3.0-or-later
"""stretch through the command: against its definition in numpy at every depth, and without clip against OpenCV's
normalize on gray."""
import tap

np, cv2, _ = tap.require("numpy", "cv2", "tifffile")
import _command  # noqa: E402

_command.need()
random = np.random.default_rng(5)
RANGE = {"uint8": 255, "uint16": 65535, "float32": 1}


def limits(values, weights, clip):
    """The darkest and the brightest sample, beyond which at most clip percent lie, in bins of 1 / 65535."""
    bins = np.floor(np.clip(values, 0, 1) * 65535 + 0.5).astype(int).ravel()
    counts = np.bincount(bins, weights=np.broadcast_to(weights, values.shape).ravel(), minlength=65536)
    share = clip / 100 * counts.sum()
    low = np.flatnonzero(np.cumsum(counts) > share)[0]
    high = 65535 - np.flatnonzero(np.cumsum(counts[::-1]) > share)[0]
    return (low / 65535, high / 65535) if high > low else (0.0, 1.0)  # the second changes nothing


def formula(values, alpha, clip, each):
    weights = np.floor(alpha * 65535 + 0.5)[..., None]
    out = np.empty(values.shape)
    for c in range(values.shape[2]):
        low, high = limits(values[..., c:c + 1] if each else values, weights, clip)
        out[..., c] = (values[..., c] - low) / (high - low)
    return out


def check(depth, channels, clip, each, has_alpha=False, low=0.3, high=0.7, size=(97, 131)):
    colours = channels - has_alpha
    values = low + (high - low) * random.random((*size, channels)) ** 2
    values[..., :colours] *= np.linspace(0.8, 1, colours)
    if has_alpha:
        values[..., -1] = random.choice((0, 0.25, 1), size)
    picture = values.astype(np.float32) if depth == "float32" else np.floor(values * RANGE[depth] + 0.5).astype(depth)
    real = picture / np.float64(RANGE[depth])
    alpha = real[..., -1] if has_alpha else np.ones(size)
    expected = formula(real[..., :colours], alpha, clip, each)
    step = f"stretch clip={clip} channel={'each' if each else 'together'}"
    out = _command.apply(step, picture.squeeze(axis=2) if channels == 1 else picture, alpha=has_alpha)
    got = out.reshape(picture.shape)[..., :colours].astype(float)
    if depth != "float32":
        expected = np.floor(np.clip(expected, 0, 1) * RANGE[depth] + 0.5)
    error = np.abs(got - expected)[alpha > 0].max(initial=0)
    bound = 2e-6 if depth == "float32" else 1
    tap.check(error <= bound, f"{step}, {depth}, {channels} channels{' with alpha' if has_alpha else ''}, {low} .. {high}",
              f"largest difference {error}")


for depth in RANGE:
    for channels in (1, 3):
        for clip in (0, 0.1, 5):
            for each in (False, True):
                check(depth, channels, clip, each)
    check(depth, 2, 1, False, True)
    check(depth, 4, 1, False, True)
    check(depth, 4, 1, True, True)
    check(depth, 3, 0, False, size=(1, 1))
    check(depth, 1, 0, False, low=0.4, high=0.4)
check("float32", 3, 0, False, low=-0.5, high=1.5)

gray = np.round(60 + 100 * random.random((120, 160))).astype(np.uint8)
worst = _command.difference(_command.apply("stretch", gray), cv2.normalize(gray, None, 0, 255, cv2.NORM_MINMAX))
tap.check(worst <= 1, "8-bit gray within 1 of OpenCV's normalize", worst)

# A range of 102 codes becomes 255: every second code falls on a half, which is rounded up.
codes = np.arange(77, 180, dtype=np.uint8)[None, :]
tap.check(np.array_equal(_command.apply("stretch", codes), np.floor((codes - 77.0) * 2.5 + 0.5).astype(np.uint8)),
          "halves are rounded up")

tap.done()
