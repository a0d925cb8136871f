# SPDX-License-Identifier: GPL-3.0-or-later
"""fourier-lowpass, -highpass, -bandpass with every profile, and -homomorphic, through the command, against SciPy's full
Fourier transform of the mirrored picture in double precision."""
import tap

np, scipy_fft, _ = tap.require("numpy", "scipy.fft", "tifffile")
import _command  # noqa: E402

_command.need()
random = np.random.default_rng(6)


def low_pass(f, cut, profile, order):
    if cut >= 0.7072:
        return np.ones_like(f)
    if cut <= 0:
        return np.zeros_like(f)
    if profile == "gaussian":
        return 2.0 ** -((f / cut) ** 2)
    if profile == "butterworth":
        return 1 / (1 + (f / cut) ** (2 * order))
    return (f <= cut).astype(float)


def filtered(v, gain):
    """v mirrored on two sides, times gain (f)."""
    height, width = v.shape
    mirrored = np.pad(v, ((0, height), (0, width)), mode="symmetric")
    f = np.hypot(scipy_fft.fftfreq(2 * width)[None, :], scipy_fft.fftfreq(2 * height)[:, None])
    g = gain(f)
    g[0, 0] = 1
    return scipy_fft.ifft2(scipy_fft.fft2(mirrored) * g).real[:height, :width]


def wanted(v, lower, upper, profile, order):
    return filtered(v, lambda f: low_pass(f, upper, profile, order) * (1 - low_pass(f, lower, profile, order)))


# Cut-offs of the ideal profile lie between the frequencies that the sizes have: there a rounding would decide.
cases = [(profile, order) for profile, order in (("gaussian", 2), ("ideal", 2), ("butterworth", 1), ("butterworth", 4),
                                                  ("butterworth", 20))]
for height, width in [(1, 1), (1, 97), (97, 1), (64, 75), (101, 103)]:
    real = random.uniform(-0.2, 1.2, (height, width)).astype(np.float32)
    for profile, order in cases:
        words = f"profile={profile} order={order}"
        for step, lower, upper in ((f"fourier-lowpass cutoff=0.1003 {words}", 0, 0.1003),
                                   (f"fourier-highpass cutoff=0.0303 {words}", 0.0303, 1),
                                   (f"fourier-bandpass low=0.0203 high=0.2007 {words}", 0.0203, 0.2007)):
            worst = _command.difference(_command.apply(step, real),
                                        wanted(real.astype(np.float64), lower, upper, profile, order))
            tap.check(worst <= 1e-5, f"{width} x {height}: {step} within 1e-5 of SciPy", worst)

real = random.uniform(0, 1, (61, 47)).astype(np.float32)
total = sum(_command.apply(f"fourier-{name}pass cutoff=0.07", real).astype(np.float64) for name in ("low", "high"))
worst = _command.difference(total, real + real.mean(dtype=np.float64))
tap.check(worst <= 1e-5, "low-pass + high-pass are the picture and its mean", worst)
for step in ("fourier-lowpass cutoff=0.7072", "fourier-highpass cutoff=0"):
    tap.check(np.array_equal(_command.apply(step, real), real), f"{step}: the picture, bit for bit")

OFFSET = 1 / 255


def homomorphic(v, low, high, cutoff, profile="gaussian", order=2):
    logarithm = np.log(np.maximum(v, 0) + OFFSET)
    return np.exp(filtered(logarithm, lambda f: low + (high - low) * (1 - low_pass(f, cutoff, profile, order)))) - OFFSET


for height, width in [(1, 1), (1, 97), (97, 1), (64, 75), (101, 103)]:
    real = random.uniform(-0.05, 1.2, (height, width)).astype(np.float32)
    for low, high, cutoff, profile in ((0.5, 1, 0.002, "gaussian"), (0, 1.5, 0.0303, "gaussian"),
                                       (0.3, 2, 0.0503, "butterworth"), (1, 1, 0.1, "gaussian"), (2, 0.5, 0.0303, "ideal")):
        step = f"fourier-homomorphic low={low} high={high} cutoff={cutoff} profile={profile}"
        expected = homomorphic(real.astype(np.float64), low, high, cutoff, profile)
        error = np.abs(_command.apply(step, real) - expected) / np.maximum(np.abs(expected) + OFFSET, 1)
        tap.check(error.max() <= 3e-5, f"{width} x {height}: {step} within 3e-5 of SciPy", error.max())

for dtype, codes in ((np.uint8, 255), (np.uint16, 65535)):
    colour = random.integers(0, codes + 1, (61, 83, 3)).astype(dtype)
    colour[3, 4] = 0
    value = colour.max(axis=2) / codes
    ratio = homomorphic(value, 0.3, 1, 0.02) / np.maximum(value, 1e-9)
    expected = _command.code(codes, colour / codes * ratio[..., None])
    worst = _command.difference(_command.apply("fourier-homomorphic low=0.3 cutoff=0.02", colour)[value > 0], expected[value > 0])
    tap.check(worst <= (1 if codes == 255 else 4), f"{np.dtype(dtype)} RGB: homomorphic keeps the ratios of the channels", worst)

tap.done()
