# SPDX-License-Identifier: GPL-3.0-or-later
"""deconvolve through the command: Wiener and Richardson-Lucy by their formulas in numpy, in double, on the padding that
the filter describes; both beside scikit-image where its borders (which wrap or are zero) do not reach; widths estimated."""
import tap

np, scipy_special, restoration, scipy_ndimage, _ = tap.require(
    "numpy", "scipy.special", "skimage.restoration", "scipy.ndimage", "tifffile")
import _command  # noqa: E402

_command.need()
random = np.random.default_rng(12)


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


def pad(v, width):
    """Mirrored from both sides, blended by a raised cosine, to the padded size."""
    for axis in (0, 1):
        size = v.shape[axis]
        gap = smooth_size(size + max(16, int(8 * width))) - size
        reach = -(-gap // size) + 1
        near = np.take(np.pad(v, [(0, reach * size) if a == axis else (0, 0) for a in (0, 1)], mode="symmetric"),
                       range(size, size + gap), axis)
        far = np.take(np.pad(v, [(reach * size, 0) if a == axis else (0, 0) for a in (0, 1)], mode="symmetric"),
                      range(reach * size - gap, reach * size), axis)
        share = 0.5 + 0.5 * np.cos(np.pi * (np.arange(gap) + 0.5) / gap)
        share = share[:, None] if axis == 0 else share[None, :]
        v = np.concatenate([v, share * near + (1 - share) * far], axis)
    return v


def transfer(kernel, width, angle, shape):
    fy, fx = np.fft.fftfreq(shape[0])[:, None], np.fft.fftfreq(shape[1])[None, :]
    f = np.hypot(fx, fy)
    if kernel == "gaussian":
        return np.exp(-2 * (np.pi * width * f) ** 2)
    if kernel == "disc":
        x = 2 * np.pi * width * np.maximum(f, 1e-9)
        return 2 * scipy_special.j1(x) / x
    return np.sinc(width * (fx * np.cos(np.deg2rad(angle)) - fy * np.sin(np.deg2rad(angle))))


def wiener(v, kernel, width, angle, balance):
    p = pad(v, width)
    h = transfer(kernel, width, angle, p.shape)
    fy, fx = np.fft.fftfreq(p.shape[0])[:, None], np.fft.fftfreq(p.shape[1])[None, :]
    laplacian = 4 - 2 * np.cos(2 * np.pi * fx) - 2 * np.cos(2 * np.pi * fy)
    gain = h / (h ** 2 + balance * laplacian ** 2 + 1e-9)
    gain[0, 0] = 1
    return np.fft.ifft2(np.fft.fft2(p) * gain).real[:v.shape[0], :v.shape[1]]


def lucy(v, kernel, width, angle, iterations):
    scene = np.maximum(pad(v, width), 0)
    h = transfer(kernel, width, angle, scene.shape)
    for _ in range(iterations):
        blurred = np.fft.ifft2(np.fft.fft2(scene) * h).real
        ratio = np.ones_like(scene)
        inside = blurred[:v.shape[0], :v.shape[1]]
        ratio[:v.shape[0], :v.shape[1]] = np.minimum(np.maximum(v, 0) / np.maximum(inside, 1e-3), 16)
        scene *= np.maximum(np.fft.ifft2(np.fft.fft2(ratio) * h).real, 0)
    return scene[:v.shape[0], :v.shape[1]]


def scene(height, width):
    """Shades, edges and texture, 0..1."""
    y, x = np.mgrid[0:height, 0:width]
    v = 0.5 + 0.2 * np.sin(x / 9.0) * np.cos(y / 7.0) + 0.2 * ((x // 13 + y // 11) % 2) + 0.05 * random.standard_normal((height, width))
    return np.clip(v, 0.02, 1)


cases = [("gaussian", 1.5, 0), ("disc", 3, 0), ("motion", 7, 0), ("motion", 5, 30)]
for height, width in [(1, 1), (1, 50), (50, 1), (61, 74), (97, 101)]:
    real = scene(height, width).astype(np.float32)
    for kernel, size, angle in cases:
        words = f"kernel={kernel} width={size}" + (f" angle={angle}" if angle else "")
        step = f"deconvolve {words} balance=0.01"
        worst = _command.difference(_command.apply(step, real), wiener(real.astype(np.float64), kernel, size, angle, 0.01))
        tap.check(worst <= 2e-4, f"{width} x {height}: {step} within 2e-4 of numpy", worst)
        step = f"deconvolve method=richardson-lucy {words} iterations=5"
        worst = _command.difference(_command.apply(step, real), lucy(real.astype(np.float64), kernel, size, angle, 5))
        tap.check(worst <= 1e-3, f"{width} x {height}: {step} within 1e-3 of numpy", worst)

# scikit-image, far from the borders: a Gaussian kernel sampled widely enough.
sharp = scene(160, 180)
blurred = scipy_ndimage.gaussian_filter(sharp, 1.5, mode="mirror").astype(np.float32)
y, x = np.mgrid[-12:13, -12:13]
kernel = np.exp(-(x ** 2 + y ** 2) / (2 * 1.5 ** 2))
kernel /= kernel.sum()
inside = (slice(50, -50), slice(50, -50))
ours = _command.apply("deconvolve width=1.5 balance=0.05", blurred)
theirs = restoration.wiener(blurred.astype(np.float64), kernel, 0.05, clip=False)
worst = _command.difference(ours[inside], theirs[inside])
tap.check(worst <= 2e-3, "Wiener within 0.002 of scikit-image inside", worst)
ours = _command.apply("deconvolve method=richardson-lucy width=1.5 iterations=8", blurred)
guess = blurred.astype(np.float64)  # scikit-image begins with 0.5 everywhere: its own loop from the picture itself
for _ in range(8):
    below = scipy_ndimage.convolve(guess, kernel, mode="reflect")
    guess = guess * scipy_ndimage.convolve(blurred / below, kernel, mode="reflect")
worst = _command.difference(ours[inside], guess[inside])
tap.check(worst <= 2e-3, "Richardson-Lucy within 0.002 of SciPy's convolutions inside", worst)

# Estimated widths, on a scene of the spectrum that photographs have (1 / f in amplitude), with the noise of 8 bits.
f = np.hypot(np.fft.fftfreq(512)[:, None], np.fft.fftfreq(600)[None, :])
f[0, 0] = 1
cloud = np.fft.ifft2(np.fft.fft2(random.standard_normal(f.shape)) / f ** 1.1).real
cloud = 0.5 + 0.15 * cloud / cloud.std()


def psnr(a, b):
    """Inside: the test blurs a scene that repeats, which the filter does not assume."""
    return 10 * np.log10(1 / np.mean((a - b)[60:-60, 60:-60] ** 2))


for kernel, size, angle in [("gaussian", 1, 0), ("gaussian", 2, 0), ("gaussian", 4, 0), ("disc", 3, 0), ("motion", 9, 0)]:
    soft = np.fft.ifft2(np.fft.fft2(cloud) * transfer(kernel, size, angle, cloud.shape)).real
    soft = (_command.code(255, soft) / 255).astype(np.float32)
    reference = psnr(_command.apply(f"deconvolve kernel={kernel} width={size}", soft), cloud)
    estimated = psnr(_command.apply(f"deconvolve kernel={kernel}", soft), cloud)
    tap.check(reference > psnr(soft, cloud) + 0.5, f"{kernel} {size}: gains half a decibel and more", (reference, psnr(soft, cloud)))
    tap.check(estimated > reference - 1, f"{kernel} {size}: the estimated width costs less than 1 dB", (estimated, reference))

for dtype, codes in ((np.uint8, 255), (np.uint16, 65535)):
    colour = np.dstack([scene(60, 70) for _ in range(3)])
    colour = np.round(colour * codes).astype(dtype)
    wanted = np.dstack([_command.code(codes, wiener(colour[..., c] / codes, "gaussian", 1.5, 0, 0.01)) for c in range(3)])
    worst = _command.difference(_command.apply("deconvolve width=1.5 balance=0.01", colour), wanted)
    tap.check(worst <= (1 if codes == 255 else 14), f"{np.dtype(dtype)} RGB: the rounded float result", worst)
tap.done()
