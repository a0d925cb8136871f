# SPDX-License-Identifier: GPL-3.0-or-later
"""convolve and sharpen of the command against SciPy in double precision.

Bounds: 1e-5 of range (times the size of the result) in float, one code of the rounded result at 8 and 16 bits."""
import tap
from edges import RANGE, _command, at_depth, channelwise, compare, cv2, deriche, ndimage, np, picture, signal


def text(kernel):
    return ";".join(",".join(repr(float(w)) for w in row) for row in kernel)


def convolved(values, kernel, normalise):
    divisor = {"sum": kernel.sum(), "sizes": np.abs(kernel).sum(), "none": 1}[normalise]
    divisor = divisor if abs(divisor) > 1e-9 * np.abs(kernel).sum() else 1
    return channelwise(lambda v: ndimage.correlate(v, kernel, mode="mirror"), values) / divisor


def check_convolve(depth):
    random = np.random.default_rng(4)
    source = at_depth(picture(), depth)
    exact = source.astype(float) / RANGE[depth]
    for rows, columns in ((3, 3), (1, 5), (4, 2), (7, 3), (1, 1), (11, 11)):
        kernel = np.round(random.random((rows, columns)), 3)
        compare(f"convolve kernel={text(kernel)}", source, convolved(exact, kernel, "sum"))
    sharp = np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]], float)
    emboss = np.array([[-2, -1, 0], [-1, 0, 1], [0, 1, 2]], float)
    for normalise in ("sum", "sizes", "none"):
        compare(f"convolve kernel={text(sharp)} normalise={normalise}", source, convolved(exact, sharp, normalise))
        compare(f"convolve kernel={text(emboss)} normalise={normalise} bias=50", source,
                0.5 + convolved(exact, emboss, normalise))
    compare("convolve", source, convolved(exact, np.outer([1, 2, 1], [1, 2, 1]).astype(float), "sum"))


def refused(step, word):
    try:
        _command.apply(step, np.zeros((8, 8), np.uint8))
        tap.check(False, f"{step[:60]} is refused")
    except RuntimeError as error:
        tap.check(word in str(error), f"{step[:60]} is refused", error)


def twice(*masks):
    kernel = sum(signal.convolve2d(mask, mask) for mask in masks)
    x = np.arange(-2, 3)
    return kernel / (kernel * x * x / 2).sum()


SOBEL = np.outer([1, 2, 1], [-1, 0, 1]).astype(float)
DIAGONAL = np.array([[-2, -1, 0], [-1, 0, 1], [0, 1, 2]], float)


def check_sharpen(depth):
    source = at_depth(picture(), depth)
    exact = source.astype(float) / RANGE[depth]
    second = channelwise(lambda v: cv2.Laplacian(v, cv2.CV_64F, ksize=1, borderType=cv2.BORDER_REFLECT_101), exact)
    compare("sharpen kernel=laplacian amount=0.7 channel=rgb", source, exact - 0.7 * second)
    for name, kernel in (("sobel", twice(SOBEL, SOBEL.T)),
                         ("robinson", twice(SOBEL, SOBEL.T, DIAGONAL, DIAGONAL[::-1]))):
        second = channelwise(lambda v: ndimage.correlate(v, kernel, mode="mirror"), exact)
        compare(f"sharpen kernel={name} amount=1.5 channel=rgb", source, exact - 1.5 * second)
    for alpha in (0.5, 1.5):
        second = deriche(exact, alpha, "curvature", "smoothing") + deriche(exact, alpha, "smoothing", "curvature")
        compare(f"sharpen kernel=deriche alpha={alpha} amount=0.6 channel=rgb", source,
                exact - 0.6 * alpha ** 2 * second, 1e-4)
    same = np.array_equal(_command.apply("sharpen amount=0", source), source)
    tap.check(same, f"sharpen amount=0 is neutral, {depth}")


def lightness(gray):
    linear = np.where(gray <= 0.04045, gray / 12.92, ((np.maximum(gray, 0) + 0.055) / 1.055) ** 2.4)
    return np.where(linear > 216 / 24389, 116 * np.cbrt(linear) - 16, linear * 24389 / 27) / 100


def check_lightness():
    """The default works on L*: on a gray picture, on the L* of its samples."""
    source = at_depth(0.2 + 0.6 * picture(channels=1), "float32")
    result = lightness(_command.apply("sharpen amount=0.4 kernel=laplacian", source).astype(float))
    values = lightness(source.astype(float))
    expected = values - 0.4 * cv2.Laplacian(values, cv2.CV_64F, ksize=1, borderType=cv2.BORDER_REFLECT_101)
    inside = (expected > 0) & (expected < 1)
    error = np.abs(result - expected)[inside].max()
    tap.check(error < 1e-4, "sharpen works on lightness", f"largest difference {error:g}")


def main():
    _command.need()
    for depth in RANGE:
        check_convolve(depth)
        check_sharpen(depth)
    check_lightness()
    refused("convolve kernel=1,2;3", "rows of one length")
    refused("convolve kernel=" + ",".join(["1"] * 64), "63 x 63")
    refused("convolve kernel=1,nonsense", "kernel")
    tap.done()


if __name__ == "__main__":
    main()
