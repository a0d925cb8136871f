# SPDX-License-Identifier: GPL-3.0-or-later
"""Uneven light and low contrast on photographs: see _use.py."""
import tap

import _peers
import _use

np, = tap.require("numpy")


def uneven(picture, random):
    """A gradient and a vignette whose middle lies anywhere near that of the picture."""
    height, width = picture.shape[:2]
    y, x = np.mgrid[0:height, 0:width]
    x, y = (x - width / 2) / (width / 2), (y - height / 2) / (height / 2)
    angle, (cx, cy) = random.uniform(0, 2 * np.pi), random.uniform(-0.3, 0.3, 2)
    field = np.exp(0.45 * (x * np.cos(angle) + y * np.sin(angle)) - 0.5 * ((x - cx) ** 2 + (y - cy) ** 2))
    return _use.code(picture / 255.0 * (field / field.mean())[..., None]), None


def squeezed(black, range_):
    """No codes of 8 bits fall on halves here, which a program could round either way."""
    return lambda picture, random: (_use.code(black + range_ * (picture / 255.0)), None)


JOBS = [
    _use.Job("uneven light", uneven, "flat-field", _peers.light),
    _use.Job("low contrast", squeezed(0.31, 0.41), "stretch", _peers.contrast, {6: 1.1, 9: 1.2, 11: 0.6, 12: 2.0},
             "white lay at 183.6, the brightest code is 184, and no picture tells where between 183.5 and 184.5 white lay; "
             "of the shares that ImageMagick is tried with, one happens to come nearer"),
    _use.Job("dull", squeezed(0.11, 0.47), "stretch", _peers.contrast),
]

if __name__ == "__main__":
    _use.main(JOBS, [(0, 1), (0, 9), (1, 3), (2, 6)], None)
