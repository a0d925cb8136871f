# SPDX-License-Identifier: GPL-3.0-or-later
"""fourier-bandpass through the command, against SciPy in double precision: by its cosine transform, and by the full
Fourier transform of the picture mirrored on two sides."""
import tap

np, scipy_fft, _ = tap.require("numpy", "scipy.fft", "tifffile")
import _command  # noqa: E402

_command.need()
random = np.random.default_rng(5)


def gain(fx, fy, low, high):
    f2 = fx[None, :] ** 2 + fy[:, None] ** 2
    result = np.ones_like(f2)
    if high < 0.7072:
        result *= np.exp(-np.log(2) * f2 / high ** 2)
    if low > 0:
        result *= 1 - np.exp(-np.log(2) * f2 / low ** 2)
    result[f2 == 0] = 1
    return result


def by_cosines(v, low, high):
    height, width = v.shape
    spectrum = scipy_fft.dctn(v, type=2, norm="ortho")
    spectrum *= gain(np.arange(width) / (2 * width), np.arange(height) / (2 * height), low, high)
    return scipy_fft.idctn(spectrum, type=2, norm="ortho")


def by_mirror(v, low, high):
    height, width = v.shape
    mirrored = np.pad(v, ((0, height), (0, width)), mode="symmetric")
    spectrum = scipy_fft.fft2(mirrored) * gain(scipy_fft.fftfreq(2 * width), scipy_fft.fftfreq(2 * height), low, high)
    return scipy_fft.ifft2(spectrum).real[:height, :width]


sizes = [(1, 1), (1, 2), (2, 1), (1, 97), (97, 1), (8, 8), (101, 103), (64, 75), (331, 127)]
bands = [(0, 0.25), (0.02, 1), (0.01, 0.2), (0.1, 0.12)]
for height, width in sizes:
    real = random.uniform(-0.2, 1.2, (height, width)).astype(np.float32)
    for low, high in bands:
        step = f"fourier-bandpass low={low} high={high}"
        out = _command.apply(step, real)
        for name, method in (("cosines", by_cosines), ("mirror", by_mirror)):
            worst = _command.difference(out, method(real.astype(np.float64), low, high))
            tap.check(worst <= 1e-5, f"{width} x {height}: {step} within 1e-5 of SciPy's {name}", worst)

for dtype, codes in ((np.uint8, 255), (np.uint16, 65535)):
    colour = random.integers(0, codes + 1, (61, 83, 3)).astype(dtype)
    out = _command.apply("fourier-bandpass low=0.01 high=0.2", colour)
    wanted = np.dstack([by_cosines(colour[..., c] / codes, 0.01, 0.2) for c in range(3)])
    worst = _command.difference(out, _command.code(codes, wanted))
    tap.check(worst <= 1, f"{np.dtype(dtype)} RGB within 1 of SciPy", worst)
    with_alpha = np.dstack([colour, random.integers(0, codes + 1, (61, 83)).astype(dtype)])
    with_alpha[5:9, :, 3] = 0
    out = _command.apply("fourier-bandpass low=0.01 high=0.2", with_alpha, alpha=True)
    shown = with_alpha[..., 3] > 0
    tap.check(np.array_equal(out[..., 3], with_alpha[..., 3]), f"{np.dtype(dtype)}: alpha is kept")
    tap.check(np.array_equal(out[~shown], with_alpha[~shown]), f"{np.dtype(dtype)}: colour under alpha 0 is untouched")
    worst = _command.difference(out[shown][:, :3], _command.code(codes, wanted)[shown])
    tap.check(worst <= 1, f"{np.dtype(dtype)}: the rest as without alpha, within 1", worst)
    flat = np.full((40, 50), codes // 3, dtype)
    tap.check(np.array_equal(_command.apply("fourier-bandpass low=0.1 high=0.2", flat), flat),
              f"{np.dtype(dtype)}: flat stays flat")

picture = random.uniform(0, 1, (30, 41)).astype(np.float32)
tap.check(np.array_equal(_command.apply("fourier-bandpass low=0 high=1", picture), picture),
          "both edges off: the picture, bit for bit")

tap.done()
