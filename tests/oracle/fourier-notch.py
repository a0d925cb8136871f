# SPDX-License-Identifier: GPL-3.0-or-later
"""fourier-notch through the command: waves put in by the test are found (frequencies from the picture of peaks), taken out
up to the border, and nothing else changes; the notches against their formula in numpy."""
import tap

np, _ = tap.require("numpy", "tifffile")
import _command  # noqa: E402

_command.need()
random = np.random.default_rng(31)


def cloud(height, width):
    """A scene of the spectrum that photographs have."""
    f = np.hypot(np.fft.fftfreq(2 * height)[:, None], np.fft.fftfreq(2 * width)[None, :])
    f[0, 0] = 1
    v = np.fft.ifft2(np.fft.fft2(random.standard_normal(f.shape)) / f ** 1.1).real[:height, :width]
    return 0.5 + 0.12 * (v - v.mean()) / max(v.std(), 1e-9)


def waves(height, width, *which):
    y, x = np.mgrid[0:height, 0:width]
    return sum(a * np.cos(2 * np.pi * (fx * x + fy * y) + 1 + 10 * fx) for fx, fy, a in which)


def smooth_size(n):
    n += n & 1
    while True:
        rest = n
        for p in (2, 3, 5, 7):
            while rest % p == 0:
                rest //= p
        if rest == 1:
            return n
        n += 2


def removed(v, frequencies, radius):
    """N of the filter's formula, normalised convolution done as one."""
    sigma = np.sqrt(2 * np.log(2)) / (2 * np.pi * radius)
    shape = tuple(smooth_size(n + int(3.3 * sigma) + 2) for n in v.shape)
    plane, mask = np.zeros(shape), np.zeros(shape)
    plane[:v.shape[0], :v.shape[1]] = v - v.mean()
    fy, fx = np.fft.fftfreq(shape[0])[:, None], np.fft.fftfreq(shape[1])[None, :]
    gain = np.zeros(shape)
    for u, w in frequencies:
        for s in (1, -1):
            dy = (fy - s * w + 0.5) % 1 - 0.5
            dx = fx - s * u
            gain = np.maximum(gain, np.exp(-np.log(2) * (dx ** 2 + dy ** 2) / radius ** 2))
    mask[:v.shape[0], :v.shape[1]] = 1
    share = np.fft.ifft2(np.fft.fft2(mask) * np.exp(-np.log(2) * (fx ** 2 + fy ** 2) / radius ** 2)).real
    return (np.fft.ifft2(np.fft.fft2(plane) * gain).real / share)[:v.shape[0], :v.shape[1]]


for height, width, which in [(256, 320, [(0.2, 0.1, 0.05)]), (301, 257, [(0.11, -0.23, 0.1), (0.31, 0.05, 0.03)]),
                             (400, 200, [(0.0, 0.25, 0.06)]), (199, 403, [(0.1371, 0.0, 0.06), (0.07, 0.4, 0.04)])]:
    scene = cloud(height, width)
    noisy = (scene + waves(height, width, *which)).astype(np.float32)
    out = _command.apply("fourier-notch", noisy)
    before, after = np.std(noisy - scene), np.std(out - scene)
    tap.check(after < 0.1 * before, f"{width} x {height}: {len(which)} waves go, nine tenths and more", (before, after))
    edge = np.concatenate([(out - scene)[:, :12].ravel(), (out - scene)[:12].ravel()])
    tap.check(np.std(edge) < 0.2 * before, f"{width} x {height}: at the border too", (before, np.std(edge)))
    away = _command.apply("fourier-notch output=removed", noisy)
    tap.check(_command.difference(noisy - (away - 0.5), out) <= 2e-6, f"{width} x {height}: removed and corrected add up")
    worst = np.abs((away - 0.5) - removed(noisy.astype(float), [(fx, fy) for fx, fy, _ in which], 0.004)).max()
    tap.check(worst <= 0.01, f"{width} x {height}: within 0.01 of the formula at the true frequencies", worst)
    shown = _command.apply("fourier-notch output=peaks", noisy)
    for fx, fy, _ in which:
        x, y = int(round(fx * width)) + width // 2, int(round(fy * height)) + height // 2
        ring = [shown[y + dy, x + dx] for dy in range(-5, 6) for dx in range(-5, 6)
                if 9 < dy * dy + dx * dx <= 16 and 0 <= y + dy < height and 0 <= x + dx < width]
        tap.check(np.mean(np.array(ring) == 1) > 0.5, f"{width} x {height}: a ring about {fx}, {fy}", np.mean(ring))

for height, width in [(1, 1), (1, 40), (40, 1), (5, 7), (300, 210)]:
    scene = cloud(height, width).astype(np.float32)
    out = _command.apply("fourier-notch", scene)
    tap.check(np.array_equal(out, scene), f"{width} x {height}: a scene without a pattern stays bit for bit",
              _command.difference(out, scene))

# Colour: a wave in one channel leaves the others.
scene = np.dstack([cloud(200, 240) for _ in range(3)])
noisy = scene.copy()
noisy[..., 1] += waves(200, 240, (0.15, 0.2, 0.08))
noisy = _command.code(255, noisy).astype(np.uint8)
out = _command.apply("fourier-notch", noisy)
tap.check(np.array_equal(out[..., 0], noisy[..., 0]) and np.array_equal(out[..., 2], noisy[..., 2]), "one channel: the others stay")
tap.check(np.std(out[..., 1] / 255 - scene[..., 1]) < 0.01, "one channel: its wave goes", np.std(out[..., 1] / 255 - scene[..., 1]))
tap.done()
