# SPDX-License-Identifier: GPL-3.0-or-later
"""The peer of bench/index/run: a pHash (32 x 32 gray, cosine transform, 8 x 8 low frequencies against their median) of each picture
of a folder, with OpenCV and a pool of processes.

usage: phash.py PROCESSES FOLDER OUTPUT full|reduced   (reduced: JPEGs decoded at an eighth, which scripts seldom do)"""
import multiprocessing
import os
import sys

import cv2
import numpy as np

FLAG = {"full": cv2.IMREAD_GRAYSCALE, "reduced": cv2.IMREAD_REDUCED_GRAYSCALE_8}


def phash(task):
    path, way = task
    small = cv2.resize(cv2.imread(path, FLAG[way]), (32, 32), interpolation=cv2.INTER_AREA)
    low = cv2.dct(np.float32(small))[:8, :8].flatten()
    return path, "".join("1" if v > np.median(low[1:]) else "0" for v in low)


if __name__ == "__main__":
    processes, folder, output, way = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4]
    cv2.setNumThreads(1)
    with multiprocessing.Pool(processes) as pool:
        found = pool.map(phash, [(os.path.join(folder, name), way) for name in sorted(os.listdir(folder))], chunksize=4)
    with open(output, "w", encoding="utf-8") as out:
        out.writelines(f"{path}\t{bits}\n" for path, bits in found)
