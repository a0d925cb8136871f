# SPDX-License-Identifier: GPL-3.0-or-later
"""Use: a photograph is damaged from a seed, the filter for that damage repairs it at its defaults, and so do the peers
(_peers.py) at every setting of a grid. A row is one damage of one photograph. In every row ours must gain PSNR and SSIM,
and be no more than MARGIN behind the best that any peer reaches at the setting that is best for that very row: the peers
choose with the clean photograph in sight and are told the strength of the noise and the kernel of the blur, ours is not.

A test says use.main (jobs, quick), `jobs` being Job, `quick` the photographs and the part of them for the suite.
By hand:
    use-NAME.py --full [FIRST-LAST [WORD...]]    whole photographs, every setting of the peers; jobs whose name has a WORD
Tuning looked at photographs 1 to 12 alone. (The first version of these tests was once run on 13 to 24 as well, before
the filters had their present form.)"""
import os
import sys

import tap

np, cv2, metrics, _ = tap.require("numpy", "cv2", "skimage.metrics", "tifffile")
import _command  # noqa: E402

MARGIN = 0.2  # dB


class Job:
    """damage (picture, random): the damaged picture and what peers are told of the damage. step: the filter, as typed.
    peers (told, full): functions of the damaged picture by name. missed: photographs whose row cannot be met, each with
    the gap that is allowed, in dB."""

    def __init__(self, name, damage, step, peers, missed=None, why=""):
        self.name, self.damage, self.step, self.peers = name, damage, step, peers
        self.missed, self.why = missed or {}, why


def psnr(a, b):
    return float(10 * np.log10(255 ** 2 / max(np.mean((a.astype(float) - b.astype(float)) ** 2), 1e-9)))


def ssim(a, b):
    return float(metrics.structural_similarity(a, b, channel_axis=2, data_range=255))


def code(values):
    """Of 0..1, as 8 bits."""
    return np.floor(np.clip(values, 0, 1) * 255 + 0.5).astype(np.uint8)


def photograph(number, part=None):
    """part: left, top, width, height."""
    picture = cv2.imread(os.path.join(os.environ["SHARED"], "photos", f"kodim{number:02d}.png"))[..., ::-1]
    if part:
        picture = picture[part[1]:part[1] + part[3], part[0]:part[0] + part[2]]
    return np.ascontiguousarray(picture)


def inside(picture, bad):
    """The part of it that a damage left, which may have cut off the rim."""
    rim = (picture.shape[0] - bad.shape[0]) // 2
    return np.ascontiguousarray(picture[rim:picture.shape[0] - rim, rim:picture.shape[1] - rim])


def row(job, number, part, full):
    """PSNR and SSIM before and after; of each peer the best setting: {peer: (PSNR, SSIM, setting)}."""
    picture = photograph(number, part)
    bad, told = job.damage(picture, np.random.default_rng(number))
    picture = inside(picture, bad)
    ours = _command.apply(job.step, bad)
    best = {}
    for name, peer in job.peers(told, full).items():
        out = peer(bad)
        if out is None or out.shape != picture.shape:
            continue
        program, value = name.split()[0], psnr(out, picture)
        if program not in best or value > best[program][0]:
            best[program] = (value, ssim(out, picture), name)
    return psnr(bad, picture), ssim(bad, picture), psnr(ours, picture), ssim(ours, picture), best


def check_row(job, number, made):
    before, s_before, after, s_after, best = made
    print(f"# {job.name:20} {number:2}  {before:5.2f} -> {after:5.2f} dB  {s_before:.4f} -> {s_after:.4f}   "
          + "; ".join(f"{value:.2f} {s:.4f} {name}" for value, s, name in best.values()), flush=True)
    tap.check(after > before and s_after > s_before, f"{job.name}, photograph {number}: {job.step} gains PSNR and SSIM",
              (before, after, s_before, s_after))
    peer = max((value for value, _, _ in best.values()), default=0)
    allowed = job.missed.get(number, MARGIN)
    name = f"{job.name}, photograph {number}: at most {allowed} dB behind the best peer"
    if number in job.missed:
        name += f" (missed: {job.why})"
    tap.check(after >= peer - allowed, name, f"{after:.2f} beside {peer:.2f} dB")


def main(jobs, quick, part):
    """quick: a list of (job's place, photograph) for the suite."""
    _command.need()
    if not os.path.isdir(os.path.join(os.environ.get("SHARED", ""), "photos")):
        tap.skip(os.path.basename(sys.argv[0]), "there is no folder of photographs (SHARED/photos)")
        tap.done()
    print("# job, photograph, PSNR and SSIM before -> after; then each peer at its best setting")
    if "--full" in sys.argv:
        words = sys.argv[sys.argv.index("--full") + 1:]
        first, last = (int(n) for n in words[0].split("-")) if words else (1, 12)
        for job in jobs:
            if len(words) < 2 or any(word in job.name for word in words[1:]):
                for number in range(first, last + 1):
                    check_row(job, number, row(job, number, None, True))
    else:
        for place, number in quick:
            check_row(jobs[place], number, row(jobs[place], number, part, False))
    tap.done()
