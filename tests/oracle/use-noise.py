# SPDX-License-Identifier: GPL-3.0-or-later
"""Noise on photographs: see _use.py. The peers are told how strong it is."""
import tap

import _peers
import _use

np, = tap.require("numpy")


def noisy(make):
    def damage(picture, random):
        bad = _use.code(make(picture / 255.0, random))
        return bad, float(np.std(bad.astype(float) - picture))
    return damage


def normal(sigma):
    return noisy(lambda v, random: v + random.normal(0, sigma / 255, v.shape))


def photons(white):
    return noisy(lambda v, random: random.poisson(v * white) / white)


def speckle(sigma):
    return noisy(lambda v, random: v * (1 + random.normal(0, sigma, v.shape)))


def impulses(share):
    return noisy(lambda v, random: np.where(random.random(v.shape) < share, random.integers(0, 2, v.shape), v))


JOBS = [
    _use.Job("Gaussian noise, 10", normal(10), "denoise", _peers.noise, local=1, part=_use.SMALL_PART),
    _use.Job("Gaussian noise, 25", normal(25), "denoise", _peers.noise, local=1, part=_use.SMALL_PART),
    _use.Job("photons, white 100", photons(100), "denoise", _peers.noise, local=1, part=_use.SMALL_PART),
    _use.Job("speckle, 0.15", speckle(0.15), "denoise", _peers.noise, local=1, part=_use.SMALL_PART),
    _use.Job("impulses, 5 %", impulses(0.05), "adaptive-median", _peers.impulses),
    _use.Job("impulses, 30 %", impulses(0.3), "adaptive-median", _peers.impulses),
]

if __name__ == "__main__":
    _use.main(JOBS, [(0, 1), (0, 9), (1, 3), (2, 6), (3, 11), (4, 8), (5, 2)], (240, 160, 256, 192))
