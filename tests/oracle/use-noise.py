# SPDX-License-Identifier: GPL-3.0-or-later
"""Noise of several kinds, made from seeds, on photographs: the filter for it, at its defaults, gains PSNR and SSIM in
every row, and does not stay behind the best of OpenCV, scikit-image, ImageMagick and G'MIC, each at the best of many
settings chosen with the clean photograph in sight, by more than 0.2 dB in the mean of a job. Prints the table.

    use-noise.py                                     parts of two photographs, some settings of each peer, without G'MIC
    use-noise.py --photographs FIRST LAST            parts of photographs FIRST .. LAST, in the order of their names
                 [--whole] [--all]                   the whole of them; every setting of every peer (hours)
"""
import os
import shutil
import subprocess
import sys
import tempfile

import _command
import tap

np, cv2, _skimage = tap.require("numpy", "cv2", "skimage")
from skimage.metrics import structural_similarity
from skimage.restoration import denoise_nl_means, denoise_tv_chambolle, denoise_wavelet

_command.need()
MARGIN = 0.2  # dB
CONVERT = "/usr/bin/convert-im6"


def normal(sigma):
    return lambda picture, random: picture + random.normal(0, sigma, picture.shape)


def impulses(share):
    def degrade(picture, random):
        hit = random.random(picture.shape) < share
        return np.where(hit, 255 * random.integers(0, 2, picture.shape), picture)
    return degrade


def photons(white):
    return lambda picture, random: random.poisson(picture / 255 * white) * 255 / white


def speckle(sigma):
    return lambda picture, random: picture * (1 + random.normal(0, sigma, picture.shape))


JOBS = {
    "Gaussian, sigma 10": ("nlmeans", normal(10)),
    "Gaussian, sigma 25": ("nlmeans", normal(25)),
    "photons, white 100": ("nlmeans", photons(100)),
    "speckle, sigma 0.15": ("nlmeans", speckle(0.15)),
    "impulses, 5 %": ("adaptive-median", impulses(0.05)),
    "impulses, 30 %": ("adaptive-median", impulses(0.3)),
}


def psnr(a, b):
    return 10 * np.log10(255 ** 2 / max(np.mean((a.astype(float) - b.astype(float)) ** 2), 1e-12))


def ssim(a, b):
    return structural_similarity(a, b, channel_axis=2, data_range=255)


def bytes_of(values):
    return np.clip(np.round(values), 0, 255).astype(np.uint8)


def command_peer(words):
    """words (input, output): the command of a program that reads and writes PNG."""
    def run(noisy):
        with tempfile.TemporaryDirectory() as folder:
            source, result = os.path.join(folder, "a.png"), os.path.join(folder, "b.png")
            cv2.imwrite(source, noisy[..., ::-1])
            ran = subprocess.run(words(source, result), capture_output=True, env={**os.environ, "HOME": folder})
            out = cv2.imread(result) if ran.returncode == 0 else None
            return None if out is None else out[..., ::-1]
    return run


def peers_of(kind, sigma, full, gmic):
    """(name, function of the noisy picture) for every setting. sigma: about the noise's, in codes."""
    peers = []
    sizes = (3, 5, 7) if full else (3, 5)
    shares = (0.5, 0.7, 0.9, 1.1) if full else (0.7, 1.0)
    for side in (3, 5, 7):
        if gmic:
            peers.append((f"G'MIC median {side}",
                          command_peer(lambda a, b, s=side: ["gmic", a, "-median", str(s), "-o", b])))
        peers.append((f"OpenCV median {side}", lambda p, s=side: cv2.medianBlur(p, s)))
        if os.path.exists(CONVERT):
            peers.append((f"ImageMagick median {side}", command_peer(
                lambda a, b, s=side: [CONVERT, a, "-statistic", "median", f"{s}x{s}", b])))
    if os.path.exists(CONVERT):
        for options in (["-despeckle"], ["-enhance"], ["-despeckle", "-despeckle"], ["-gaussian-blur", "0x0.8"]):
            peers.append(("ImageMagick " + " ".join(options), command_peer(lambda a, b, o=options: [CONVERT, a, *o, b])))
    if kind == "adaptive-median":
        return peers
    for side in sizes:
        for share in shares:
            h = share * sigma
            peers.append((f"OpenCV fastNlMeans {side} {share}",
                          lambda p, t=side, h=h: cv2.fastNlMeansDenoising(p, None, h, t, 21)))
            peers.append((f"OpenCV fastNlMeansColored {side} {share}",
                          lambda p, t=side, h=h: cv2.fastNlMeansDenoisingColored(p, None, h, h, t, 21)))
            for fast in (True, False) if full else (True,):
                peers.append((f"scikit-image nl_means {side} {share}",
                              lambda p, t=side, h=h, f=fast: bytes_of(255 * denoise_nl_means(
                                  p / 255, patch_size=t, patch_distance=7, h=0.85 * h / 255, sigma=sigma / 255,
                                  fast_mode=f, channel_axis=2))))
    for share in (0.5, 0.7, 1.0):
        for space in (True, False):
            peers.append((f"scikit-image wavelet {share} {space}", lambda p, s=share, y=space: bytes_of(255 * denoise_wavelet(
                p / 255, sigma=s * sigma / 255, convert2ycbcr=y, rescale_sigma=True, channel_axis=2))))
        peers.append((f"OpenCV bilateral {share}", lambda p, s=share: cv2.bilateralFilter(p, 7, 6 * s * sigma, 2)))
        peers.append((f"scikit-image TV {share}", lambda p, s=share: bytes_of(255 * denoise_tv_chambolle(
            p / 255, weight=s * 2 * sigma / 255, channel_axis=2))))
    if gmic:  # -denoise_patchpca takes 20 s a setting for a small part and stays 2 dB behind -denoise
        settings = [("-denoise", f"{space},{share * sigma:.1f},{side},8,0,{fast}")
                    for space in ((8, 15) if full else (8,)) for share in ((0.8, 1.0, 1.3) if full else (1.0,))
                    for side in (3, 5) for fast in ((0, 1) if full else (0,))]
        settings += [("-denoise_haar", f"{threshold},5,8") for threshold in ((0.7, 1.0, 1.4) if full else (1.0,))]
        for option, value in settings:
            peers.append((f"G'MIC {option} {value}", command_peer(
                lambda a, b, o=option, v=value: ["gmic", a, o, v, "-c", "0,255", "-round", "-o", b])))
    return peers


def photographs(first, last, whole):
    folder = os.path.join(os.environ.get("SHARED", ""), "photos")
    names = sorted(n for n in os.listdir(folder) if n.endswith(".png")) if os.path.isdir(folder) else []
    for number, name in list(enumerate(names, 1))[first - 1:last]:
        picture = cv2.imread(os.path.join(folder, name))[..., ::-1]
        yield number, np.ascontiguousarray(picture if whole else picture[160:320, 240:432])


def best_of(peers, noisy, clean):
    best, name = -1, "none"
    for peer, run in peers:
        out = run(noisy)
        if out is not None and out.shape == clean.shape and psnr(out, clean) > best:
            best, name = psnr(out, clean), peer
    return best, name


def do_job(job, pictures, full, gmic):
    kind, degrade = JOBS[job]
    ours, theirs = [], []
    for number, clean in pictures:
        random = np.random.default_rng(1000 * number + list(JOBS).index(job))
        noisy = bytes_of(degrade(clean.astype(float), random))
        sigma = float(np.std(noisy.astype(float) - clean))
        out = _command.apply(kind, noisy)
        best, name = best_of(peers_of(kind, sigma, full, gmic), noisy, clean)
        before, after = (psnr(noisy, clean), ssim(noisy, clean)), (psnr(out, clean), ssim(out, clean))
        print(f"# {job:20} {number:2}  {before[0]:5.2f} -> {after[0]:5.2f} dB, SSIM {before[1]:.3f} -> {after[1]:.3f}; "
              f"best peer {best:5.2f}: {name}", flush=True)
        tap.check(after[0] > before[0] and after[1] > before[1], f"{job}, photograph {number}: {kind} gains",
                  f"{before} -> {after}")
        ours.append(after[0])
        theirs.append(best)
    mean, rival = np.mean(ours), np.mean(theirs)
    print(f"# {job:20} mean {mean:.2f} dB, best peers {rival:.2f} dB", flush=True)
    tap.check(mean >= rival - MARGIN, f"{job}: {kind} is not behind the best peers", f"{mean:.2f} beside {rival:.2f} dB")


def main():
    chosen, full = "--photographs" in sys.argv, "--all" in sys.argv
    place = sys.argv.index("--photographs") if chosen else 0
    first, last = (int(sys.argv[place + 1]), int(sys.argv[place + 2])) if chosen else (3, 5)
    pictures = [p for p in photographs(first, last, "--whole" in sys.argv) if chosen or p[0] != 4]
    if not pictures:
        tap.skip("noise on photographs", "the photographs are absent")
        tap.done()
    for job in JOBS:
        do_job(job, pictures, full, chosen and shutil.which("gmic"))
    tap.done()


if __name__ == "__main__":
    main()
