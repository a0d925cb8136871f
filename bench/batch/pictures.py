# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the JPEGs of bench/batch/run: photographs of a folder, mirrored into 1800 x 1200, quality 92, 4:2:0.

usage: pictures.py COUNT PHOTO-FOLDER OUTPUT-FOLDER"""
import glob
import os
import sys

import cv2

WIDTH, HEIGHT, QUALITY = 1800, 1200, 92

if __name__ == "__main__":
    count, photos, target = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    files = sorted(glob.glob(os.path.join(photos, "*.png")) + glob.glob(os.path.join(photos, "*.jpg")))
    if not files:
        sys.exit(f"{photos}: no PNG or JPEG in there")
    os.makedirs(target, exist_ok=True)
    for i in range(count):
        photo = cv2.imread(files[i % len(files)])
        # Each round of the folder begins elsewhere in the mirrored plane, so that no two files are the same.
        shift = 37 * (i // len(files))
        plane = cv2.copyMakeBorder(photo, shift % photo.shape[0], HEIGHT, shift % photo.shape[1], WIDTH, cv2.BORDER_REFLECT)
        cv2.imwrite(os.path.join(target, f"{i:03}.jpg"), plane[:HEIGHT, :WIDTH], [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
