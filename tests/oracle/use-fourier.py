# SPDX-License-Identifier: GPL-3.0-or-later
"""Blur, periodic patterns and halftones on photographs: see _use.py. The peers are told what blurred."""
import tap

import _peers
import _use

np, cv2 = tap.require("numpy", "cv2")


# ---- blur ----

def gaussian_kernel(sigma):
    side = 2 * int(4 * sigma + 0.5) + 1
    line = cv2.getGaussianKernel(side, sigma)
    return line @ line.T


def disc_kernel(radius):
    side = int(radius) + 1
    y, x = np.mgrid[-side:side:(2 * side + 1) * 8j, -side:side:(2 * side + 1) * 8j] * (2 * side + 1) / (2 * side)
    inside = (x ** 2 + y ** 2 <= radius ** 2).astype(float)
    kernel = inside.reshape(2 * side + 1, 8, 2 * side + 1, 8).sum(axis=(1, 3))
    return kernel / kernel.sum()


RIM = 16  # pixels that a blur reaches at most


def blurred(kernel, sigma):
    """The rim is cut off: what lies beyond a photograph is in its blur, and nobody knows it. sigma: of the Gaussian that
    is nearest, for peers that know no other kernel."""
    return lambda picture, random: (
        _use.code(cv2.filter2D(picture / 255.0, -1, kernel))[RIM:-RIM, RIM:-RIM], (kernel, sigma))


# ---- periodic noise and halftone ----

def periodic(waves):
    def damage(picture, random):
        y, x = np.mgrid[0:picture.shape[0], 0:picture.shape[1]]
        pattern = np.zeros(picture.shape[:2])
        for _ in range(waves):
            f, angle = random.uniform(0.06, 0.4), random.uniform(0, np.pi)
            pattern += random.uniform(0.04, 0.12) * np.sin(
                2 * np.pi * f * (x * np.cos(angle) + y * np.sin(angle)) + random.uniform(0, 6))
        return _use.code(picture / 255.0 + pattern[..., None]), None
    return damage


GRID = np.cos(2 * np.pi * np.arange(200) / 200)
SCREEN_SORTED = np.sort((GRID[:, None] + GRID[None, :]).ravel())  # thresholds are as frequent as each other: tones stay


def halftone(picture, random):
    """A screen of round dots for each of the three colours at its own angle."""
    y, x = np.mgrid[0:picture.shape[0], 0:picture.shape[1]]
    cell = random.uniform(3.2, 4.5)
    out = np.empty(picture.shape)
    for c, angle in enumerate(np.deg2rad((15, 45, 75))):
        u, v = (x * np.cos(angle) + y * np.sin(angle)) / cell, (y * np.cos(angle) - x * np.sin(angle)) / cell
        screen = np.interp(np.cos(2 * np.pi * u) + np.cos(2 * np.pi * v), SCREEN_SORTED, np.linspace(0, 1, SCREEN_SORTED.size))
        out[..., c] = np.clip((picture[..., c] / 255.0 - screen) * 4 + 0.5, 0, 1)
    return _use.code(out), None


JOBS = [
    _use.Job("blur, Gaussian 1.5", blurred(gaussian_kernel(1.5), 1.5), "deconvolve", _peers.blur, local=5),
    _use.Job("blur, Gaussian 2.5", blurred(gaussian_kernel(2.5), 2.5), "deconvolve", _peers.blur, local=5),
    _use.Job("blur, disc 3", blurred(disc_kernel(3), 1.5), "deconvolve kernel=disc", _peers.blur, local=5),
    _use.Job("one wave", periodic(1), "fourier-notch", _peers.smoothing, local=3),
    _use.Job("four waves", periodic(4), "fourier-notch", _peers.smoothing, local=3),
    _use.Job("halftone", halftone, "fourier-notch", _peers.smoothing, local=3),
]

if __name__ == "__main__":
    _use.main(JOBS, [(0, 2), (0, 5), (1, 6), (2, 11), (3, 3), (4, 4), (5, 9), (5, 1)], (112, 48, 416, 288))
