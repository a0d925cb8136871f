# SPDX-License-Identifier: GPL-3.0-or-later
"""The peer of bench/batch/run: CLAHE on L* and unsharp masking over a folder of JPEGs with OpenCV and a pool of processes.

usage: opencv.py PROCESSES INPUT-FOLDER OUTPUT-FOLDER"""
import multiprocessing
import os
import sys

import cv2

TILES, CLIP, SIGMA, AMOUNT, QUALITY = 8, 2.0, 1.5, 0.5, 90


def enhance(names):
    source, target = names
    lab = cv2.cvtColor(cv2.imread(source), cv2.COLOR_BGR2LAB)
    lightness, a, b = cv2.split(lab)
    lightness = cv2.createCLAHE(CLIP, (TILES, TILES)).apply(lightness)
    blurred = cv2.GaussianBlur(lightness, (0, 0), SIGMA)
    lightness = cv2.addWeighted(lightness, 1 + AMOUNT, blurred, -AMOUNT, 0)
    picture = cv2.cvtColor(cv2.merge((lightness, a, b)), cv2.COLOR_LAB2BGR)
    cv2.imwrite(target, picture, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])


if __name__ == "__main__":
    processes, source, target = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    cv2.setNumThreads(1)
    os.makedirs(target, exist_ok=True)
    names = [(os.path.join(source, name), os.path.join(target, name)) for name in sorted(os.listdir(source))]
    with multiprocessing.Pool(processes) as pool:
        pool.map(enhance, names, chunksize=1)
