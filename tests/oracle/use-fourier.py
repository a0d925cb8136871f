# SPDX-License-Identifier: GPL-3.0-or-later
"""Use: photographs are degraded from seeds, the matching filter at its defaults must gain PSNR and SSIM in every row, and
stay within 0.2 dB of the best that scikit-image, OpenCV, ImageMagick and G'MIC do at their best settings of a grid (one
setting for all photographs of a job, chosen by the mean; they are told what the degradation was, we are not).

By hand: use-fourier.py FIRST-LAST [JOB...] prints the table for photographs FIRST to LAST at full size, checks nothing
less. Without arguments: for the suite, parts of two of photographs 1 to 12 a job, beside the
peers that are quick."""
import os
import subprocess
import sys
import tempfile

import tap

np, cv2, skimage, restoration, metrics, _ = tap.require(
    "numpy", "cv2", "skimage", "skimage.restoration", "skimage.metrics", "tifffile")
import _command  # noqa: E402

_command.need()
shared = os.environ.get("SHARED", "")
folder = os.path.join(shared, "photos")
if not os.path.isdir(folder):
    tap.skip("use-fourier.py", "the photographs are absent")
    tap.done()
MARGIN = 0.2  # dB below the best peer that are allowed
CONVERT = next((p for p in ("/usr/bin/convert-im6.q16", "/usr/bin/convert-im6") if os.access(p, os.X_OK)), None)
GMIC = "/usr/bin/gmic" if os.access("/usr/bin/gmic", os.X_OK) else None


def psnr(a, b):
    return float(10 * np.log10(255 ** 2 / max(np.mean((a.astype(float) - b.astype(float)) ** 2), 1e-9)))


def ssim(a, b):
    return float(metrics.structural_similarity(a, b, channel_axis=2))


def code(v):
    return np.floor(np.clip(v, 0, 1) * 255 + 0.5).astype(np.uint8)


def channels(function, picture):
    return code(np.dstack([function(picture[..., c] / 255.0) for c in range(3)]))


def outside(words, picture):
    """A program that reads and writes PNG files: words with IN and OUT."""
    with tempfile.TemporaryDirectory() as place:
        names = {"IN": os.path.join(place, "in.png"), "OUT": os.path.join(place, "out.png")}
        cv2.imwrite(names["IN"], picture[..., ::-1])
        subprocess.run([names.get(w, w) for w in words], check=True, capture_output=True)
        return cv2.imread(names["OUT"])[..., ::-1]


def magick(*words):
    return lambda picture, told: outside([CONVERT, "IN", *words, "OUT"], picture) if CONVERT else None


def gmic(*words):
    return lambda picture, told: outside([GMIC, "IN", *words, "-c", "0,255", "-o", "OUT"], picture) if GMIC else None


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


def blurred(kernel):
    def degrade(picture, random):
        return code(cv2.filter2D(picture / 255.0, -1, kernel, borderType=cv2.BORDER_REFLECT_101)), kernel
    return degrade


def skimage_wiener(balance):
    return lambda picture, told: channels(lambda v: restoration.wiener(v, told, balance, clip=False), picture)


def skimage_lucy(iterations):
    return lambda picture, told: channels(lambda v: restoration.richardson_lucy(v, told, iterations), picture)


def opencv_unsharp(sigma, amount):
    return lambda picture, told: code((1 + amount) * picture / 255.0 - amount * cv2.GaussianBlur(picture / 255.0, (0, 0), sigma))


def deblurring(sigma):
    peers = {f"skimage wiener {b:g}": skimage_wiener(b) for b in (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2)}
    peers.update({f"skimage richardson-lucy {n}": skimage_lucy(n) for n in (5, 10, 20, 40)})
    peers.update({f"opencv unsharp {s} {a}": opencv_unsharp(s, a) for s in (1, 1.5, 2, 3) for a in (0.5, 1, 2)})
    peers.update({f"imagemagick unsharp {a}": magick("-unsharp", f"0x{sigma}+{a}+0") for a in (0.5, 1, 2)})
    peers.update({f"gmic richardson-lucy {n}": gmic("-deblur_richardsonlucy", f"{sigma},{n}") for n in (5, 10, 20, 40)})
    return peers


# ---- periodic noise and halftone ----

def periodic(waves):
    def degrade(picture, random):
        y, x = np.mgrid[0:picture.shape[0], 0:picture.shape[1]]
        pattern = np.zeros(picture.shape[:2])
        for _ in range(waves):
            f, angle = random.uniform(0.06, 0.4), random.uniform(0, np.pi)
            pattern += random.uniform(0.04, 0.12) * np.sin(
                2 * np.pi * f * (x * np.cos(angle) + y * np.sin(angle)) + random.uniform(0, 6))
        return code(picture / 255.0 + pattern[..., None]), None
    return degrade


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
    return code(out), None


def opencv_blur(sigma):
    return lambda picture, told: cv2.GaussianBlur(picture, (0, 0), sigma)


def smoothing():
    peers = {f"opencv gaussian {s}": opencv_blur(s) for s in (0.5, 0.7, 1, 1.5, 2, 2.5, 3)}
    peers.update({f"opencv median {s}": (lambda p, told, s=s: cv2.medianBlur(p, s)) for s in (3, 5, 7, 9)})
    peers.update({f"opencv bilateral {c}": (lambda p, told, c=c: cv2.bilateralFilter(p, 9, c, 3)) for c in (25, 50, 100, 200)})
    peers.update({f"opencv nlmeans {h}": (lambda p, told, h=h: cv2.fastNlMeansDenoisingColored(p, None, h, h)) for h in (5, 10, 20, 40)})
    peers.update({f"skimage tv {w}": (lambda p, told, w=w: code(restoration.denoise_tv_chambolle(p / 255.0, w, channel_axis=2)))
                  for w in (0.05, 0.1, 0.2, 0.4)})
    peers.update({f"imagemagick blur {s}": magick("-blur", f"0x{s}") for s in (1, 2)})
    peers.update({f"gmic anisotropic {a}": gmic("-smooth", str(a)) for a in (20, 60)})
    return peers


# ---- uneven light ----

def light(height, width, random):
    y, x = np.mgrid[0:height, 0:width]
    x, y = (x - width / 2) / (width / 2), (y - height / 2) / (height / 2)
    angle, (cx, cy) = random.uniform(0, 2 * np.pi), random.uniform(-0.3, 0.3, 2)
    field = np.exp(0.45 * (x * np.cos(angle) + y * np.sin(angle)) - 0.5 * ((x - cx) ** 2 + (y - cy) ** 2))
    return field / field.mean()


def uneven(picture, random):
    field = light(*picture.shape[:2], random)
    return code(picture / 255.0 * field[..., None]), field


def divided(make):
    def correct(picture, told):
        field = make(picture.max(axis=2) / 255.0, told) + 1e-3
        out = picture / 255.0 / field[..., None]
        return code(out * (picture.mean() / 255 / max(out.mean(), 1e-6)))
    return correct


def evening():
    peers = {f"opencv divided by gaussian {s}": divided(lambda v, t, s=s: cv2.GaussianBlur(v, (0, 0), s)) for s in (40, 80, 160, 300)}
    peers.update({f"skimage adapthist {k}": (lambda p, t, k=k: code(skimage.exposure.equalize_adapthist(p, clip_limit=k)))
                  for k in (0.002, 0.005, 0.01)})
    peers.update({f"gmic local normalisation {n}": gmic("-normalize_local", f"{n},{r}") for n, r in ((2, 40), (4, 80))})
    peers.update({f"imagemagick divided by blur {s}": magick(
        "(", "+clone", "-colorspace", "Gray", "-blur", f"0x{s}", ")", "-compose", "Divide_Src", "-composite", "-evaluate", "multiply", "0.5")
        for s in (40, 100)})
    return peers


JOBS = {
    "blur, Gaussian 1.5": (blurred(gaussian_kernel(1.5)), "deconvolve", deblurring(1.5)),
    "blur, Gaussian 2.5": (blurred(gaussian_kernel(2.5)), "deconvolve", deblurring(2.5)),
    "blur, disc 3": (blurred(disc_kernel(3)), "deconvolve kernel=disc", deblurring(1.5)),
    "one wave": (periodic(1), "fourier-notch", smoothing()),
    "four waves": (periodic(4), "fourier-notch", smoothing()),
    "halftone": (halftone, "fourier-notch", smoothing()),
    "uneven light": (uneven, "flat-field", evening()),
    "uneven light, homomorphic": (uneven, "fourier-homomorphic", {}),
}


def rows(job, numbers, part):
    """Of each photograph: PSNR and SSIM before, after, and the PSNR of each peer."""
    degrade, step, peers = JOBS[job]
    for number in numbers:
        picture = cv2.imread(os.path.join(folder, f"kodim{number:02d}.png"))[..., ::-1]
        picture = np.ascontiguousarray(picture[:part[1], :part[0]])
        bad, told = degrade(picture, np.random.default_rng(number))
        ours = _command.apply(step, bad)
        theirs = {}
        for name, peer in peers.items():
            result = peer(bad, told)
            if result is not None:
                theirs[name] = psnr(picture, result)
        yield number, psnr(picture, bad), psnr(picture, ours), ssim(picture, bad), ssim(picture, ours), theirs


def table(job, numbers, part):
    made = list(rows(job, numbers, part))
    names = made[0][5].keys()
    best = max(names, key=lambda n: np.mean([r[5][n] for r in made])) if names else None
    print(f"# {job}: {JOBS[job][1]}; best peer: {best}")
    print("#  photo  PSNR before  after   peer   SSIM before  after")
    for number, before, after, s_before, s_after, theirs in made:
        peer = theirs.get(best, float("nan"))
        print(f"#  {number:5d}  {before:11.2f} {after:6.2f} {peer:6.2f}  {s_before:11.4f} {s_after:6.4f}", flush=True)
        tap.check(after > before and s_after > s_before, f"{job}, photograph {number}: gains PSNR and SSIM",
                  (before, after, s_before, s_after))
        if best:
            tap.check(after >= peer - MARGIN, f"{job}, photograph {number}: within {MARGIN} dB of {best}", (after, peer))


if __name__ != "__main__":
    pass
elif len(sys.argv) > 1:
    first, last = (int(n) for n in sys.argv[1].split("-"))
    for name in JOBS:
        if len(sys.argv) == 2 or any(word in name for word in sys.argv[2:]):
            table(name, range(first, last + 1), (4096, 4096))
else:
    for k, (name, (degrade, step, peers)) in enumerate(list(JOBS.items())):
        quick = {peer: run for peer, run in peers.items() if peer.startswith(("opencv g", "opencv m", "opencv u", "opencv d",
                                                                              "skimage wiener", "imagemagick"))}
        JOBS[name] = (degrade, step, quick)
        table(name, (1 + k % 12, 1 + (k + 5) % 12), (384, 256))
if __name__ == "__main__":
    tap.done()
