# SPDX-License-Identifier: GPL-3.0-or-later
"""levels through the command, at every depth, against its formula in numpy's double precision."""
import tap

np, _ = tap.require("numpy", "tifffile")
import _command  # noqa: E402

_command.need()
random = np.random.default_rng(2)


def bend(t, gamma):
    return np.where(t > 0, np.power(np.maximum(t, 1e-300), 1 / gamma), t)


def stretch(v, black, white):
    return (v - black / 100) / ((white - black) / 100)


for black, white, gamma in [(0, 100, 2.2), (10, 80, 1), (5, 90, 0.45), (0, 1, 1), (49, 51, 10), (20, 100, 0.1)]:
    step = f"levels black={black} white={white} gamma={gamma}"
    for dtype, codes in ((np.uint8, 255), (np.uint16, 65535)):
        gray = np.arange(codes + 1, dtype=dtype).reshape(-1, 256)
        wanted = _command.code(codes, bend(stretch(gray / codes, black, white), gamma))
        worst = _command.difference(_command.apply(step, gray), wanted)
        tap.check(worst <= 1, f"{step}: every {codes.bit_length()}-bit code within 1", worst)
    real = random.uniform(-0.5, 1.5, (37, 53, 3)).astype(np.float32)
    t = stretch(real.astype(np.float64), black, white)
    # black and the range are rounded to float, which moves t; the curve rises, so both ends bound the result.
    rounding = 1e-7 * (1 + np.abs(t)) / ((white - black) / 100)
    least, most = bend(t - rounding, gamma), bend(t + rounding, gamma)
    out = _command.apply(step, real)
    inside = (out >= least - 2e-7 * np.abs(least)) & (out <= most + 2e-7 * np.abs(most))
    tap.check(np.all(inside), f"{step}: float, samples outside 0..1 too", _command.difference(out, bend(t, gamma)))

for dtype in (np.uint8, np.uint16, np.float32):
    top = 1 if dtype == np.float32 else np.iinfo(dtype).max
    picture = random.uniform(0, top, (20, 31, 4)).astype(dtype)
    picture[3:7, :, 3] = 0
    out = _command.apply("levels black=10 white=80 gamma=1.5", picture, alpha=True)
    tap.check(np.array_equal(out[..., 3], picture[..., 3]), f"{np.dtype(dtype)}: alpha is kept")
    tap.check(np.array_equal(out[3:7], picture[3:7]), f"{np.dtype(dtype)}: colour under alpha 0 is untouched")
    tap.check(not np.array_equal(out, picture), f"{np.dtype(dtype)}: the rest changed")
    out = _command.apply("levels", picture, alpha=True)
    tap.check(np.array_equal(out, picture), f"{np.dtype(dtype)}: the defaults change nothing")

try:
    _command.apply("levels black=60 white=40", np.zeros((2, 2), np.uint8))
    tap.check(False, "white below black is refused")
except RuntimeError as error:
    tap.check("white" in str(error) and "exit 2" in str(error), "white below black is refused in words", error)

tap.done()
