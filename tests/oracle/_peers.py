# SPDX-License-Identifier: GPL-3.0-or-later
"""What others make of a damaged picture: OpenCV, scikit-image, ImageMagick and G'MIC, over grids of their settings.
Each function returns {"Program and setting": function of the picture (height x width x 3, uint8)}; full: the whole grid,
else its most promising places. A program that is not installed is left out."""
import os
import subprocess
import tempfile

import tap

np, cv2, exposure, restoration = tap.require("numpy", "cv2", "skimage.exposure", "skimage.restoration")
CONVERT = next((p for p in ("/usr/bin/convert-im6.q16", "/usr/bin/convert-im7.q16", "/usr/bin/magick") if os.path.exists(p)), None)
GMIC = next((p for p in ("/usr/bin/gmic",) if os.path.exists(p)), None)


def code(values):
    return np.floor(np.clip(values, 0, 1) * 255 + 0.5).astype(np.uint8)


def program(words):
    """words: a command that reads IN and writes OUT, both PPM: where ImageMagick 6 writes 8 bits as PNG, it cuts and does not round."""
    def run(picture):
        with tempfile.TemporaryDirectory() as folder:
            names = {"IN": os.path.join(folder, "in.ppm"), "OUT": os.path.join(folder, "out.ppm")}
            cv2.imwrite(names["IN"], picture[..., ::-1])
            ran = subprocess.run([names.get(word, word) for word in words], capture_output=True,
                                 env={**os.environ, "HOME": folder})
            out = cv2.imread(names["OUT"]) if ran.returncode == 0 else None
            return None if out is None else np.ascontiguousarray(out[..., ::-1])
    return run


def magick(*settings):
    """Each setting a text of options."""
    return {f"ImageMagick {words}": program([CONVERT, "IN", *words.split(), "OUT"]) for words in settings if CONVERT}


def gmic(*settings):
    return {f"G'MIC {words}": program([GMIC, "IN", *words.split(), "-round", "-c", "0,255", "-o", "OUT"])
            for words in settings if GMIC}


def each_channel(function):
    return lambda picture: code(np.dstack([function(picture[..., c] / 255.0) for c in range(3)]))


def opencv(name, function):
    return {f"OpenCV {name}": function}


def skimage(name, function):
    """function: of 0..1, to 0..1."""
    return {f"scikit-image {name}": lambda picture: code(function(picture / 255.0))}


# ---- noise ----

def noise(sigma, full):
    peers = {}
    for share in (0.5, 0.7, 0.9, 1.1, 1.3) if full else (0.7, 0.9):
        h = share * sigma
        for t in (3, 5, 7) if full else (3, 5):
            peers |= opencv(f"fastNlMeans {t} {share}", lambda p, t=t, h=h: cv2.fastNlMeansDenoising(p, None, h, t, 21))
            peers |= opencv(f"fastNlMeansColored {t} {share}",
                            lambda p, t=t, h=h: cv2.fastNlMeansDenoisingColored(p, None, h, h, t, 21))
            for fast in (True, False) if full and t < 7 else (True,):
                peers |= skimage(f"nl_means {t} {share} {fast}", lambda v, t=t, h=h, fast=fast: restoration.denoise_nl_means(
                    v, t, 7, 0.85 * h / 255, fast_mode=fast, sigma=sigma / 255, channel_axis=2))
    for share in (0.5, 0.7, 1.0):
        for space in (True, False):
            peers |= skimage(f"wavelet {share} {space}", lambda v, s=share, space=space: restoration.denoise_wavelet(
                v, s * sigma / 255, convert2ycbcr=space, rescale_sigma=True, channel_axis=2))
        peers |= skimage(f"tv {share}", lambda v, s=share: restoration.denoise_tv_chambolle(
            v, s * 2 * sigma / 255, channel_axis=2))
        peers |= opencv(f"bilateral {share}", lambda p, s=share: cv2.bilateralFilter(p, 7, 6 * s * sigma, 2))
    peers |= magick("-despeckle", "-enhance", "-despeckle -despeckle", "-gaussian-blur 0x0.6", "-gaussian-blur 0x0.9",
                    "-statistic median 3x3", f"-selective-blur 0x2+{sigma / 2.55:.1f}%", f"-selective-blur 0x3+{sigma / 1.3:.1f}%")
    if full:
        peers |= gmic(*(f"-denoise {space},{share * sigma:.1f},{side},8,0,{fast}" for space in (8, 15)
                        for share in (0.8, 1.0, 1.3) for side in (3, 5) for fast in (0, 1)))
    peers |= gmic(f"-denoise 8,{sigma:.1f},5,8,0,1", *(f"-denoise_haar {t},5,8" for t in (0.7, 1.0, 1.4)),
                  f"-bilateral 3,{2 * sigma:.0f}", "-smooth 20", "-smooth 60")
    return peers


def impulses(told, full):
    peers = {}
    for side in (3, 5, 7):
        peers |= opencv(f"medianBlur {side}", lambda p, s=side: cv2.medianBlur(p, s))
    peers |= magick(*(f"-statistic median {s}x{s}" for s in (3, 5, 7)), "-despeckle", "-despeckle -despeckle", "-enhance")
    peers |= gmic(*(f"-median {s}" for s in (3, 5, 7)), *(f"-remove_hotpixels {s},{t}" for s in (3, 5) for t in (20, 40, 70, 100)),
                  "-remove_hotpixels 3,40 -remove_hotpixels 3,40")
    return peers


# ---- blur ----

def padded(function):
    """Mirrored beyond the edges, which is more than scikit-image does."""
    return lambda plane: function(np.pad(plane, 24, mode="reflect"))[24:-24, 24:-24]


def blur(told, full):
    kernel, sigma = told
    peers = {}
    for b in (1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2) if full else (3e-4, 1e-3, 3e-3):
        peers[f"scikit-image wiener {b:g}"] = each_channel(padded(lambda v, b=b: restoration.wiener(v, kernel, b, clip=False)))
    for n in (5, 10, 20, 40) if full else (10,):
        peers[f"scikit-image richardson_lucy {n}"] = each_channel(padded(
            lambda v, n=n: restoration.richardson_lucy(v, kernel, n)))
    for s in (1, 1.5, 2, 3):
        for a in (0.5, 1, 2):
            peers |= opencv(f"unsharp {s} {a}", lambda p, s=s, a=a: code(
                (1 + a) * (p / 255.0) - a * cv2.GaussianBlur(p / 255.0, (0, 0), s)))
    peers |= magick(*(f"-unsharp 0x{sigma}+{a}+0" for a in (0.5, 1, 2)))
    peers |= gmic(*(f"-deblur_richardsonlucy {sigma},{n}" for n in ((5, 10, 20, 40) if full else (10, 20))),
                  *(f"-deblur {sigma},{n},0.1,1" for n in ((5, 10, 20) if full else (10,))))
    return peers


# ---- periodic noise, halftone ----

def smoothing(told, full):
    peers = {}
    for s in (0.5, 0.7, 1, 1.5, 2, 2.5, 3):
        peers |= opencv(f"GaussianBlur {s}", lambda p, s=s: cv2.GaussianBlur(p, (0, 0), s))
    for s in (3, 5, 7, 9):
        peers |= opencv(f"medianBlur {s}", lambda p, s=s: cv2.medianBlur(p, s))
    for c in (25, 50, 100, 200):
        peers |= opencv(f"bilateralFilter {c}", lambda p, c=c: cv2.bilateralFilter(p, 9, c, 3))
    for h in (5, 10, 20, 40) if full else (10, 20):
        peers |= opencv(f"fastNlMeansColored {h}", lambda p, h=h: cv2.fastNlMeansDenoisingColored(p, None, h, h))
    for w in (0.05, 0.1, 0.2, 0.4) if full else (0.1, 0.2):
        peers |= skimage(f"tv {w}", lambda v, w=w: restoration.denoise_tv_chambolle(v, w, channel_axis=2))
    peers |= magick("-blur 0x1", "-blur 0x2", "-despeckle", "-enhance")
    peers |= gmic("-smooth 20", "-smooth 60", "-bilateral 4,60")
    return peers


# ---- uneven light ----

def divided(sigma, keep):
    """keep: the mean of the picture stays; else the field counts relative to its own mean, as a flat frame does."""
    def correct(picture):
        field = cv2.GaussianBlur(picture.max(axis=2) / 255.0, (0, 0), sigma) + 1e-3
        out = picture / 255.0 / field[..., None]
        return code(out * (picture.mean() / 255 / max(out.mean(), 1e-6) if keep else field.mean()))
    return correct


def light(told, full):
    peers = {}
    for s in (40, 80, 160, 300) if full else (80, 160):
        for keep in (True, False):
            peers |= opencv(f"divided by GaussianBlur {s} {keep}", divided(s, keep))
    for k in (0.002, 0.005, 0.01) if full else (0.005,):
        peers |= skimage(f"equalize_adapthist {k}", lambda v, k=k: exposure.equalize_adapthist(v, clip_limit=k))
    peers |= magick("-normalize", "-auto-level", *("-auto-gamma",) * full, *(
        f"( +clone -colorspace Gray -blur 0x{s} ) -compose Divide_Src -composite -evaluate multiply 0.5" for s in ((40, 100) if full else (100,))))
    peers |= gmic(*(f"-normalize_local {n},{r},5,20,1,0,255" for n, r in ((1, 40), (2, 40), (4, 80), (2, 150))[0 if full else 2:]))
    return peers


# ---- low contrast ----

def contrast(told, full):
    """All that find the range by themselves."""
    peers = {}
    peers |= opencv("normalize", lambda p: cv2.normalize(p, None, 0, 255, cv2.NORM_MINMAX))
    for tiles, clip in ((2, 1.5), (4, 1.25), (4, 2), (8, 2), (8, 4)):
        peers |= opencv(f"createCLAHE {tiles} {clip}", lambda p, t=tiles, c=clip: np.dstack(
            [cv2.createCLAHE(c, (t, t)).apply(np.ascontiguousarray(p[..., k])) for k in range(3)]))
    peers |= opencv("equalizeHist", lambda p: np.dstack([cv2.equalizeHist(np.ascontiguousarray(p[..., k])) for k in range(3)]))
    for share in (0, 0.01, 0.1, 0.5, 1, 2):
        peers |= skimage(f"rescale_intensity {share}", lambda v, s=share: exposure.rescale_intensity(
            v, tuple(np.percentile(v, (s, 100 - s))), (0, 1)))
    peers |= skimage("equalize_adapthist 0.002", lambda v: exposure.equalize_adapthist(v, clip_limit=0.002))
    peers |= magick("-auto-level", "-channel RGB -auto-level", "-normalize", "-contrast", "-contrast -contrast", "-equalize", "-auto-level -auto-gamma",
                    *(f"-contrast-stretch {s}%" for s in (0, 0.01, 0.1, 0.5, 1, 2)),
                    *(f"-linear-stretch {s}%" for s in (0.01, 0.1, 0.5, 1)),
                    *(f"-sigmoidal-contrast {s}x50%" for s in (2, 3, 4, 6)))
    peers |= gmic("-normalize 0,255", *(f"-cut {s}%,{100 - s}% -normalize 0,255" for s in (1, 2, 4)), "-equalize 256",
                  *(f"-normalize_local {n},{r},5,20,1,0,255" for n, r in ((1, 40), (2, 80), (4, 80))))
    return peers
