# SPDX-License-Identifier: GPL-3.0-or-later
"""The peer process of the benchmark: OpenCV as PyPI has it, on a picture in shared memory (see bench/peer-pypi.c). What each
operation calls, and with what, is bench/peer-opencv.cc in Python; buffers are reused from run to run.

usage: peer-pypi.py version | FILE HEIGHTxWIDTHxCHANNELS 8|16|float THREADS plain|accurate OPERATION NUMBER NUMBER NUMBER"""
import sys

import cv2
import numpy as np

MIRROR = cv2.BORDER_REFLECT_101
RANGES = {"8": 255.0, "16": 65535.0, "float": 1.0}
TYPES = {"8": np.uint8, "16": np.uint16, "float": np.float32}
KERNEL_REACH = 4  # sigma; what cv2 takes by itself for 16 bits and float, but not for 8
DEPTHS = {"uint8": cv2.CV_8U, "uint16": cv2.CV_16U}


def version():
    ipp = cv2.ipp.getIppVersion() if cv2.ipp.useIPP() else "no IPP"
    return f"{cv2.__version__} ({ipp})"


class Row:
    """One row's work: self.run() from self.source to self.target. An operation's method returns what run() is to be, or None
    where OpenCV has none."""

    def __init__(self, source, target, depth, accurate, numbers):
        self.source, self.target, self.depth, self.accurate, self.numbers = source, target, depth, accurate, numbers
        self.range = RANGES[depth]
        self.made = {}

    def like(self, name, dtype, channels=None):
        """A buffer of the picture's size, kept under its name."""
        shape = self.source.shape[:2] + ((channels,) if channels and channels > 1 else ())
        if name not in self.made:
            self.made[name] = np.zeros(self.source.shape if channels is None else shape, dtype)
        return self.made[name]

    def to_float(self, picture, made, scale, shift=0.0):
        """convertTo(), which Python lacks; of its stand-ins that with the least time."""
        cv2.addWeighted(picture, scale, picture, 0, shift, made, cv2.CV_32F)

    def from_float(self, picture, made, scale):
        cv2.addWeighted(picture, scale, picture, 0, 0, made, DEPTHS[str(made.dtype)])

    def levels(self):
        black, white, gamma = self.numbers
        scale = 1 / (white - black)
        if self.depth == "8":
            table = (255 * np.clip((np.arange(256) / 255 - black) * scale, 0, 1) ** (1 / gamma) + 0.5).astype(np.uint8)
            return lambda: cv2.LUT(self.source, table, self.target)
        if gamma == 1:
            return lambda: cv2.addWeighted(self.source, scale, self.source, 0, -black * scale * self.range, self.target)
        work = self.like("work", np.float32)

        def run():
            self.to_float(self.source, work, scale / self.range, -black * scale)
            cv2.max(work, (0, 0, 0, 0), work)
            cv2.min(work, (1, 1, 1, 1), work)
            cv2.pow(work, 1 / gamma, work)
            self.from_float(work, self.target, self.range)
        return run

    def size(self, sigma):
        side = 2 * int(np.ceil(KERNEL_REACH * sigma)) + 1
        return (side, side) if self.accurate else (0, 0)

    def gaussian(self):
        sigma, size = self.numbers[0], self.size(self.numbers[0])
        return lambda: cv2.GaussianBlur(self.source, size, sigma, self.target, sigma, MIRROR)

    def unsharp(self):
        sigma, amount, _ = self.numbers
        size, blurred = self.size(sigma), self.like("blurred", self.source.dtype)

        def run():
            cv2.GaussianBlur(self.source, size, sigma, blurred, sigma, MIRROR)
            cv2.addWeighted(self.source, 1 + amount, blurred, -amount, 0, self.target)
        return run

    def median(self):
        side = 2 * int(self.numbers[0]) + 1
        if self.depth != "8" and side > 5:
            return None
        return lambda: cv2.medianBlur(self.source, side, self.target)

    def nlmeans(self):
        noise, patch, window = self.numbers
        return lambda: cv2.fastNlMeansDenoising(self.source, self.target, noise, int(patch), int(window))

    def bilateral(self):
        diameter, percent, space = int(self.numbers[0]), self.numbers[1], self.numbers[2]
        colour = percent / 100 * (3 if diameter else 1) * (255 if self.depth == "8" else 1)
        if self.depth != "16":
            return lambda: cv2.bilateralFilter(self.source, diameter, colour, space, self.target, MIRROR)
        before, after = self.like("before", np.float32), self.like("after", np.float32)

        def run():
            self.to_float(self.source, before, 1 / self.range)
            cv2.bilateralFilter(before, diameter, colour, space, after, MIRROR)
            self.from_float(after, self.target, self.range)
        return run

    def box(self):
        side = 2 * int(self.numbers[0]) + 1
        return lambda: cv2.blur(self.source, (side, side), self.target, (-1, -1), MIRROR)

    def canny(self):
        sigma, low, high = self.numbers
        blurred = self.like("blurred", np.uint8)

        def run():
            cv2.GaussianBlur(self.source, (0, 0), sigma, blurred, sigma, MIRROR)
            cv2.Canny(blurred, low, high, self.target, 3, False)
        return run

    def sobel(self):
        scale = self.numbers[0] / 4
        x, y = self.like("x", np.float32), self.like("y", np.float32)

        def run():
            cv2.Sobel(self.source, cv2.CV_32F, 1, 0, x, 3, scale, 0, MIRROR)
            cv2.Sobel(self.source, cv2.CV_32F, 0, 1, y, 3, scale, 0, MIRROR)
            if self.depth == "float":
                cv2.magnitude(x, y, self.target)
            else:
                cv2.magnitude(x, y, y)
                self.from_float(y, self.target, 1)
        return run

    def equalize(self):
        return lambda: cv2.equalizeHist(self.source, self.target)

    def lab_8(self, change):
        """Through Lab at 8 bits, or of the picture's own floats; change(lightness) works in place."""
        lab, lightness = self.like("lab", self.source.dtype), self.like("lightness", self.source.dtype, 1)

        def run():
            cv2.cvtColor(self.source, cv2.COLOR_RGB2Lab, lab)
            if change:
                cv2.extractChannel(lab, 0, lightness)
                change(lightness)
                cv2.insertChannel(lightness, lab, 0)
            cv2.cvtColor(lab, cv2.COLOR_Lab2RGB, self.target)
        return run

    def lab_float(self, change, levels):
        """Through Lab in float, lightness at `levels` steps for change(); 8 and 16 bits."""
        work, lab = self.like("work", np.float32), self.like("lab", np.float32)
        plane = self.like("plane", np.float32, 1)
        lightness = self.like("lightness", np.uint8 if levels == 255 else np.uint16, 1)

        def run():
            self.to_float(self.source, work, 1 / self.range)
            cv2.cvtColor(work, cv2.COLOR_RGB2Lab, lab)
            if change:
                cv2.extractChannel(lab, 0, plane)
                self.from_float(plane, lightness, levels / 100)
                change(lightness)
                self.to_float(lightness, plane, 100 / levels)
                cv2.insertChannel(plane, lab, 0)
            cv2.cvtColor(lab, cv2.COLOR_Lab2RGB, work)
            self.from_float(work, self.target, self.range)
        return run

    def either_lab(self, change, levels):
        return self.lab_float(change, levels) if self.depth == "16" or self.accurate else self.lab_8(change)

    def lab(self):
        return self.lab_8(None) if self.depth == "float" else self.either_lab(None, 255)

    def equalize_lightness(self):
        return self.either_lab(lambda plane: cv2.equalizeHist(plane, plane), 255)

    def make_clahe(self):
        return cv2.createCLAHE(self.numbers[1], (int(self.numbers[0]), int(self.numbers[0])))

    def clahe(self):
        clahe = self.make_clahe()
        return lambda: clahe.apply(self.source, self.target)

    def clahe_lightness(self):
        clahe = self.make_clahe()
        return self.either_lab(lambda plane: clahe.apply(plane, plane), 65535)

    def weight(self, fx, fy):
        """bench_bandpass_weight(), on arrays."""
        low, high, cutoff = self.numbers
        square = -np.log(2) * (fx * fx + fy * fy)
        if cutoff:
            made = low + (high - low) * (1 - np.exp(square / (cutoff * cutoff)))
        else:
            made = np.exp(square / (high * high)) * (1 - np.exp(square / (low * low)))
        return np.where(square == 0, 1, made)

    def packed(self):
        """The weights in the layout (CCS) of a real picture's spectrum; as packed_weights() of bench/peer-opencv.cc."""
        height, width = self.source.shape[:2]
        weights = np.zeros((height, width), np.float32)
        fx, fy = np.arange(1, (width - 1) // 2 + 1) / width, np.arange(height)
        fy = np.where(fy <= height // 2, fy, fy - height) / height
        weights[:, 2 * np.arange(1, len(fx) + 1) - 1] = self.weight(fx[None, :], fy[:, None])
        down = np.arange(height // 2 + 1)
        places = np.maximum(2 * down - 1, 0)
        weights[places, 0] = self.weight(0.0, down / height)
        if width % 2 == 0:
            weights[places, width - 1] = self.weight(0.5, down / height)
        return weights

    def bandpass(self):
        weights, spectrum = self.packed(), self.like("spectrum", np.float32)

        def run():
            cv2.dft(self.source, spectrum)
            cv2.mulSpectrums(spectrum, weights, 0, spectrum)
            cv2.idft(spectrum, self.target, cv2.DFT_SCALE | cv2.DFT_REAL_OUTPUT)
        return run

    def homomorphic(self):
        weights, spectrum, work = self.packed(), self.like("spectrum", np.float32), self.like("work", np.float32)

        def run():
            cv2.add(self.source, 1 / 255, work)
            cv2.log(work, work)
            cv2.dft(work, spectrum)
            cv2.mulSpectrums(spectrum, weights, 0, spectrum)
            cv2.idft(spectrum, work, cv2.DFT_SCALE | cv2.DFT_REAL_OUTPUT)
            cv2.exp(work, work)
            cv2.subtract(work, 1 / 255, self.target)
        return run


def main():
    if sys.argv[1] == "version":
        print(version())
        return
    path, size, depth, threads, way, operation = sys.argv[1:7]
    height, width, channels = map(int, size.split("x"))
    shape = (height, width) if channels == 1 else (height, width, channels)
    both = np.memmap(path, TYPES[depth], "r+", shape=(2,) + shape)
    source, target = np.asarray(both[0]), np.asarray(both[1])
    cv2.setNumThreads(int(threads))
    run = getattr(Row(source, target, depth, way == "accurate", [float(word) for word in sys.argv[7:10]]), operation)()
    if not run:
        return
    for line in sys.stdin:
        if line == "run\n":
            run()
        print("done", flush=True)


main()
