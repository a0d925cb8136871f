# SPDX-License-Identifier: GPL-3.0-or-later
"""fourier-spectrum through the command, against numpy's transform in double precision and Moisan's decomposition by its
definition (the Poisson equation of the borders' jumps)."""
import tap

np, _ = tap.require("numpy", "tifffile")
import _command  # noqa: E402

_command.need()
random = np.random.default_rng(8)


def periodic(v):
    """The transform of the periodic component."""
    height, width = v.shape
    jumps = np.zeros_like(v)
    jumps[0] += v[-1] - v[0]
    jumps[-1] += v[0] - v[-1]
    jumps[:, 0] += v[:, -1] - v[:, 0]
    jumps[:, -1] += v[:, 0] - v[:, -1]
    q = 2 * np.cos(2 * np.pi * np.arange(width) / width)[None, :] + 2 * np.cos(2 * np.pi * np.arange(height) / height)[:, None]
    q[0, 0] = 5
    smooth = np.fft.fft2(jumps) / (q - 4)
    smooth[0, 0] = 0
    return np.fft.fft2(v) - smooth


def picture(v, range_, borders):
    spectrum = periodic(v) if borders == "periodic" else np.fft.fft2(v)
    spectrum[0, 0] = 0
    amplitude = np.abs(np.fft.fftshift(spectrum)) / v.size
    return amplitude, np.maximum(1 + 20 * np.log10(np.maximum(amplitude, 1e-15)) / range_, 0)


for height, width in [(1, 1), (1, 9), (9, 1), (2, 2), (31, 64), (64, 31), (97, 101), (120, 90)]:
    y, x = np.mgrid[0:height, 0:width]
    real = (0.4 + 0.004 * x - 0.002 * y + random.uniform(-0.1, 0.3, (height, width))).astype(np.float32)
    for borders in ("periodic", "plain"):
        for range_ in (60, 100):
            amplitude, expected = picture(real.astype(np.float64), range_, borders)
            out = _command.apply(f"fourier-spectrum range={range_} borders={borders}", real)
            # Decibels of what float rounding makes are no figures: compared where the amplitude stands above it.
            clear = amplitude > 1e-5 / np.sqrt(real.size)
            worst = np.max(np.abs(out - expected)[clear], initial=0)
            tap.check(worst <= 2e-3 and clear.mean() > 0.5 - (real.size < 10),
                      f"{width} x {height}, {borders}, {range_} dB: within 0.002 of numpy", (worst, clear.mean()))

colour = random.integers(0, 256, (40, 50, 3)).astype(np.uint8)
expected = np.dstack([picture(colour[..., c] / 255, 100, "periodic")[1] for c in range(3)])
worst = _command.difference(_command.apply("fourier-spectrum", colour), _command.code(255, expected))
tap.check(worst <= 1, "8-bit RGB, defaults: within 1 code of numpy", worst)
tap.done()
