# SPDX-License-Identifier: GPL-3.0-or-later
"""Use: a photograph is damaged from a seed, the filter for that damage repairs it at its defaults, and so do the peers
(_peers.py) at every setting of a grid. A row is one damage of one photograph. In every row ours must gain PSNR and SSIM,
and be no more than MARGIN behind the best that any peer reaches at the setting that is best for that very row: the peers
choose with the clean photograph in sight and are told the strength of the noise and the kernel of the blur, ours is not.

A test says use.main (jobs, quick), `jobs` being Job, `quick` the photographs and the part of them for the suite.
By hand:
    use-NAME.py --full [FIRST-LAST [WORD...]]    whole photographs, every setting of the peers; jobs whose name has a WORD
    ... --peers-cache FOLDER                     what peers reached is kept there, under all that it depends on: the
                                                 damaged and the clean picture, what was told, _peers.py, the programs
    ... --alone                                  without peers: whether there is a gain
    ... --one-setting                            each program with the one setting that is best for it in the mean of these
                                                 photographs, as whoever repairs a folder must choose; nothing is checked
Tuning looked at photographs 1 to 12 alone. (The first version of these tests was once run on 13 to 24 as well, before
the filters had their present form.)"""
import functools
import hashlib
import json
import os
import subprocess
import sys

import tap

np, cv2, metrics, _ = tap.require("numpy", "cv2", "skimage.metrics", "tifffile")
import _command  # noqa: E402

MARGIN = 0.2  # dB
PART = 192, 256  # of a photograph, rows and columns, on which the settings of slow peers are first tried: all of them
SMALL_PART = 128, 192  # where there are very many


class Job:
    """damage (picture, random): the damaged picture and what peers are told of the damage. step: the filter, as typed.
    peers (told, full): functions of the damaged picture by name. missed: photographs whose row cannot be met, each with
    the gap that is allowed, in dB. local: where what slow peers do at a pixel depends on its surroundings alone, every setting is
    tried on a part of the photograph, and so many of each program, the best ones there, on all of it; 0: all on all.
    part: rows and columns of that part."""

    def __init__(self, name, damage, step, peers, missed=None, why="", local=0, part=PART):
        self.name, self.damage, self.step, self.peers, self.local, self.part = name, damage, step, peers, local, part
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


def best_on_part(job, peers, bad, picture):
    """Names of the best settings of each program, by PSNR on the part in the middle."""
    top, left = ((side - part) // 2 for side, part in zip(bad.shape, job.part))
    bad, picture = (np.ascontiguousarray(p[top:top + job.part[0], left:left + job.part[1]]) for p in (bad, picture))
    found = {}
    for name, peer in peers.items():
        out = peer(bad)
        if out is not None and out.shape == picture.shape:
            found.setdefault(name.split()[0], []).append((psnr(out, picture), name))
    return {name for values in found.values() for _, name in sorted(values)[-job.local:]}


def best_of_peers(job, told, full, bad, picture):
    """Of each peer the best setting: {peer: (PSNR, SSIM, setting)}."""
    best, peers = {}, job.peers(told, full)
    if full and job.local:
        good = best_on_part(job, peers, bad, picture)
        peers = {name: peer for name, peer in peers.items() if name in good}
    for name, peer in peers.items():
        out = peer(bad)
        if out is None or out.shape != picture.shape:
            continue
        program, value = name.split()[0], psnr(out, picture)
        if program not in best or value > best[program][0]:
            best[program] = (value, out, name)
    return {program: (value, ssim(out, picture), name) for program, (value, out, name) in best.items()}


@functools.cache
def peers_as_they_are():
    """The text of _peers.py and the versions of what it runs."""
    import _peers
    import skimage
    parts = [open(_peers.__file__, encoding="utf-8").read(), cv2.__version__, skimage.__version__, np.__version__]
    for command in (_peers.CONVERT, _peers.GMIC):
        if command:
            parts.append(subprocess.run([command, "-version"], capture_output=True, text=True).stdout)
    return "\n".join(parts)


def kept_best_of_peers(folder, job, told, full, bad, picture):
    """The same, from the folder where it was computed before."""
    key = hashlib.sha256(peers_as_they_are().encode())
    numbers = [np.asarray(number, dtype=float) for number in (told if isinstance(told, tuple) else (told,) * (told is not None))]
    key.update(repr((job.peers.__name__, full, (job.part, job.local) if job.local else False, [n.shape for n in numbers], bad.shape, picture.shape)).encode())
    for array in (*numbers, bad, picture):
        key.update(np.ascontiguousarray(array).tobytes())
    name = os.path.join(folder, key.hexdigest() + ".json")
    if not os.path.exists(name):
        os.makedirs(folder, exist_ok=True)
        with open(f"{name}.{os.getpid()}", "w", encoding="utf-8") as file:
            json.dump(best_of_peers(job, told, full, bad, picture), file)
        os.replace(f"{name}.{os.getpid()}", name)
    with open(name, encoding="utf-8") as file:
        return {program: tuple(best) for program, best in json.load(file).items()}


def row(job, number, part, full, folder):
    """PSNR and SSIM before and after; what peers reach."""
    picture = photograph(number, part)
    bad, told = job.damage(picture, np.random.default_rng(number))
    picture = inside(picture, bad)
    ours = _command.apply(job.step, bad)
    if "--alone" in sys.argv:
        best = {}
    elif folder:
        best = kept_best_of_peers(folder, job, told, full, bad, picture)
    else:
        best = best_of_peers(job, told, full, bad, picture)
    return psnr(bad, picture), ssim(bad, picture), psnr(ours, picture), ssim(ours, picture), best


def check_row(job, number, made):
    before, s_before, after, s_after, best = made
    print(f"# {job.name:20} {number:2}  {before:5.2f} -> {after:5.2f} dB  {s_before:.4f} -> {s_after:.4f}   "
          + "; ".join(f"{value:.2f} {s:.4f} {name}" for value, s, name in best.values()), flush=True)
    tap.check(after > before and s_after > s_before, f"{job.name}, photograph {number}: {job.step} gains PSNR and SSIM",
              (before, after, s_before, s_after))
    if not best:
        return
    peer = max(value for value, _, _ in best.values())
    allowed = job.missed.get(number, MARGIN)
    name = f"{job.name}, photograph {number}: at most {allowed} dB behind the best peer"
    if number in job.missed:
        name += f" (missed: {job.why})"
    tap.check(after >= peer - allowed, name, f"{after:.2f} beside {peer:.2f} dB")


def one_setting(job, numbers):
    """Prints how each program does with one setting for all, and which photographs it is more than MARGIN ahead on."""
    ours, reached = [], {}
    for number in numbers:
        picture = photograph(number)
        bad, told = job.damage(picture, np.random.default_rng(number))
        picture = inside(picture, bad)
        ours.append(psnr(_command.apply(job.step, bad), picture))
        for name, peer in job.peers(told, True).items():
            out = peer(bad)
            reached.setdefault(name, []).append(psnr(out if out is not None and out.shape == picture.shape else bad, picture))
    print(f"# {job.name}, {len(ours)} photographs: {job.step} {np.mean(ours):.2f} dB in the mean")
    for program in dict.fromkeys(name.split()[0] for name in reached):
        name = max((n for n in reached if n.split()[0] == program), key=lambda n: np.mean(reached[n]))
        ahead = {n: round(theirs - mine, 2) for n, mine, theirs in zip(numbers, ours, reached[name]) if theirs > mine + MARGIN}
        print(f"#   {np.mean(reached[name]):.2f} {name}; ahead on {ahead or 'none'}", flush=True)


def ready():
    """Whether there are a command and photographs; ends the file where there is no command."""
    _command.need()
    return os.path.isdir(os.path.join(os.environ.get("SHARED", ""), "photos"))


def main(jobs, quick, part):
    """quick: a list of (job's place, photograph) for the suite."""
    if not ready():
        tap.skip(os.path.basename(sys.argv[0]), "there is no folder of photographs (SHARED/photos)")
        tap.done()
    print("# job, photograph, PSNR and SSIM before -> after; then each peer at its best setting")
    folder = None
    if "--peers-cache" in sys.argv:
        at = sys.argv.index("--peers-cache")
        folder = sys.argv[at + 1]
        del sys.argv[at:at + 2]
    if "--full" in sys.argv:
        words = [word for word in sys.argv[sys.argv.index("--full") + 1:] if not word.startswith("--")]
        first, last = (int(n) for n in words[0].split("-")) if words else (1, 12)
        for job in jobs:
            if len(words) < 2 or any(word in job.name for word in words[1:]):
                if "--one-setting" in sys.argv:
                    one_setting(job, range(first, last + 1))
                    continue
                for number in range(first, last + 1):
                    check_row(job, number, row(job, number, None, True, folder))
    else:
        for place, number in quick:
            check_row(jobs[place], number, row(jobs[place], number, part, False, folder))
    tap.done()
