# SPDX-License-Identifier: GPL-3.0-or-later
"""sobel, robinson, laplacian and deriche of the command against scikit-image, SciPy and OpenCV, in double precision.

Bounds: 1e-5 of range in float (deriche: 4e-5, what cutting its kernels costs), one code of the rounded result else."""
import tap

np, ndimage, signal, cv2, skimage_filters, _ = tap.require("numpy", "scipy.ndimage", "scipy.signal", "cv2",
                                                           "skimage.filters", "tifffile")
import _command  # noqa: E402

RANGE = {"uint8": 255.0, "uint16": 65535.0, "float32": 1.0}
BOUND = 1e-5
DERICHE_BOUND = 4e-5


def picture(channels=3, height=83, width=121):
    """Noise, steps and a wave, 0..1."""
    random = np.random.default_rng(5)
    y, x = np.mgrid[0:height, 0:width]
    values = 0.4 + 0.2 * np.sin(0.2 * x + 0.004 * x * x) + 0.3 * ((x > 50) ^ (y > 30))
    values = values[..., None] + 0.15 * random.standard_normal((height, width, channels))
    return np.clip(values, 0, 1).squeeze()


def at_depth(values, depth):
    limit = RANGE[depth]
    return values.astype(np.float32) if depth == "float32" else np.floor(values * limit + 0.5).astype(depth)


def compare(step, source, expected, float_bound=BOUND, alpha=False):
    """expected: 0..1, before rounding."""
    result = _command.apply(step, source, alpha=alpha)
    depth = source.dtype.name
    if depth == "float32":
        error, bound = np.abs(result - expected).max(), float_bound * max(1, np.abs(expected).max())
    else:
        error = np.abs(result.astype(float) - np.floor(np.clip(expected, 0, 1) * RANGE[depth] + 0.5)).max()
        bound = 1
    tap.check(error <= bound, f"{step}, {depth}, {source.shape}", f"largest difference {error:g}, allowed {bound:g}")


def channelwise(function, values):
    return function(values) if values.ndim == 2 else np.stack([function(values[..., c]) for c in range(values.shape[2])], 2)


def sobel_five(values):
    across, down = cv2.getDerivKernels(1, 0, 5)
    x = cv2.sepFilter2D(values, cv2.CV_64F, across, down, borderType=cv2.BORDER_REFLECT_101)
    y = cv2.sepFilter2D(values, cv2.CV_64F, down, across, borderType=cv2.BORDER_REFLECT_101)
    return np.hypot(x, y) / 48


def mirrored(function):
    """The magnitude of scikit-image divides by sqrt (2) what we do not."""
    return lambda values: function(values, mode="mirror") * np.sqrt(2)


def compass(first, positive):
    """The strongest of eight masks, each the ring of the one before turned by one place."""
    places = ((0, 0), (0, 1), (0, 2), (1, 2), (2, 2), (2, 1), (2, 0), (1, 0))

    def strongest(values):
        answers = []
        for turn in range(8):
            mask = np.array(first, float)
            for i, place in enumerate(places):
                mask[places[(i + turn) % 8]] = first[place[0]][place[1]]
            answers.append(cv2.filter2D(values, cv2.CV_64F, mask, borderType=cv2.BORDER_REFLECT_101))
        return np.max(answers, axis=0) / positive
    return strongest


def recursion(values, alpha, axis, kind):
    """Deriche's recursive filters of second order, there and back, over a mirrored margin in which they settle."""
    margin = int(np.ceil(60 / alpha))
    signal_ = np.moveaxis(values, axis, -1)
    signal_ = signal_[..., mirror_index(signal_.shape[-1], margin)]
    e = np.exp(-alpha)
    denominator = [1, -2 * e, e * e]
    if kind == "smoothing":
        k = (1 - e) ** 2 / (1 + 2 * alpha * e - e * e)
        causal, other, sign = [k, k * e * (alpha - 1)], [0, k * e * (alpha + 1), -k * e * e], 1
    elif kind == "slope":
        c = (1 - e) ** 2 / e
        causal, other, sign = [0, c * e], [0, c * e], -1
    else:
        # (1 - n a x) exp (-a x): sums over x >= 0 of exp (-a x) and x exp (-a x) are 1 / (1 - e), e / (1 - e)^2.
        n = (2 / (1 - e) - 1) / (2 * alpha * e / (1 - e) ** 2)
        x = np.arange(0, margin * 20)
        m = 2 / (2 * np.sum(x * x * (1 - n * alpha * x) * np.exp(-alpha * x)))
        causal = [m, m * (-e - n * alpha * e)]
        other, sign = [0, m * (e - n * alpha * e), -m * e * e], 1
    there = signal.lfilter(causal, denominator, signal_, axis=-1)
    back = signal.lfilter(other, denominator, signal_[..., ::-1], axis=-1)[..., ::-1]
    # A response to what lies left is positive for x > 0: correlation turns the slope's sign.
    result = there + sign * back if kind != "slope" else back - there
    return np.moveaxis(result[..., margin:margin + values.shape[axis]], -1, axis)


def mirror_index(size, margin):
    if size == 1:
        return np.zeros(1 + 2 * margin, int)
    i = np.abs(np.arange(-margin, size + margin)) % (2 * size - 2)
    return np.where(i < size, i, 2 * size - 2 - i)


def deriche(values, alpha, x_kind, y_kind):
    return recursion(recursion(values, alpha, 1, x_kind), alpha, 0, y_kind)


def luma(values):
    return values @ np.array([0.2126, 0.7152, 0.0722])


def check_depth(depth):
    source = at_depth(picture(), depth)
    exact = source.astype(float) / RANGE[depth]
    for kernel, function in (("sobel", mirrored(skimage_filters.sobel)), ("scharr", mirrored(skimage_filters.scharr)),
                             ("prewitt", mirrored(skimage_filters.prewitt)), ("sobel-5", sobel_five)):
        compare(f"sobel kernel={kernel} amount=1.5", source, 1.5 * channelwise(function, exact))
    for output, axis in (("x", 1), ("y", 0)):
        slope = channelwise(lambda v: ndimage.sobel(v, axis=axis, mode="mirror"), exact) / 4
        compare(f"sobel output={output} amount=1", source, 0.5 + slope / 2)
    gray = luma(exact)
    compare("sobel channel=luma", source, np.repeat(2 * mirrored(skimage_filters.sobel)(gray)[..., None], 3, 2))
    for masks, first, positive in (("robinson", [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], 4),
                                   ("robinson-3", [[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]], 3),
                                   ("kirsch", [[-3, -3, 5], [-3, 0, 5], [-3, -3, 5]], 15),
                                   ("prewitt", [[-1, 1, 1], [-1, -2, 1], [-1, 1, 1]], 5)):
        compare(f"robinson masks={masks} amount=1.2", source, 1.2 * channelwise(compass(first, positive), exact))
    for neighbours, kernel in (("4", None), ("8", np.array([[1, 1, 1], [1, -8, 1], [1, 1, 1]], float) / 8)):
        second = channelwise(lambda v: cv2.Laplacian(v, cv2.CV_64F, ksize=1, borderType=cv2.BORDER_REFLECT_101) / 4
                             if kernel is None else ndimage.correlate(v, kernel, mode="mirror"), exact)
        compare(f"laplacian neighbours={neighbours} amount=2", source, 2 * np.abs(second))
        compare(f"laplacian neighbours={neighbours} amount=2 output=signed", source, 0.5 + second)
    for alpha in (0.25, 1, 3):
        x, y = (deriche(exact, alpha, *kinds) for kinds in (("slope", "smoothing"), ("smoothing", "slope")))
        compare(f"deriche alpha={alpha} amount=1", source, np.hypot(x, y), DERICHE_BOUND)
        compare(f"deriche alpha={alpha} amount=1 output=x", source, 0.5 + x / 2, DERICHE_BOUND)
    for size in ((1, 1), (1, 30), (30, 1), (2, 3)):
        small = at_depth(np.random.default_rng(2).random(size), depth)
        values = small.astype(float) / RANGE[depth]
        x = deriche(values, 1, "slope", "smoothing")
        y = deriche(values, 1, "smoothing", "slope")
        compare("deriche alpha=1 amount=1", small, np.hypot(x, y), DERICHE_BOUND)


def check_alpha(depth):
    """What cannot be seen is of the centre's colour: a sum of k (c0 + a (c - c0)), written out window by window."""
    random = np.random.default_rng(9)
    source = at_depth(np.concatenate([picture(), np.clip(3 * random.random((83, 121, 1)) - 1, 0, 1)], 2), depth)
    exact = source.astype(float) / RANGE[depth]
    colour, alpha = exact[..., :3], exact[..., 3:]
    wide = np.pad(exact, ((1, 1), (1, 1), (0, 0)), mode="reflect")
    answers = []
    for kernel in (np.outer([1, 2, 1], [-1, 0, 1]), np.outer([-1, 0, 1], [1, 2, 1])):
        sums = np.zeros_like(colour)
        for i in range(3):
            for j in range(3):
                part = wide[i:i + 83, j:j + 121]
                sums += kernel[i, j] / 4 * (colour + part[..., 3:] * (part[..., :3] - colour))
        answers.append(sums)
    shown = np.where(alpha > 0, 2 * np.hypot(*answers), colour)
    compare("sobel", source, np.concatenate([shown, alpha], 2), alpha=True)


def main():
    _command.need()
    for depth in RANGE:
        check_depth(depth)
        check_alpha(depth)
    tap.done()


if __name__ == "__main__":
    main()
