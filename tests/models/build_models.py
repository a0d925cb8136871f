# SPDX-License-Identifier: GPL-3.0-or-later
"""ONNX files of six families' true shapes with random weights, made with the package onnx alone.

build(name, folder, full=False) writes NAME.onnx (and clip-vit-b-32-text.onnx). What is true in both sizes: the inputs and
outputs with their names and shapes, the widths of the transformers (so tokens and vectors), how the output comes about. full: also
the number of layers and all widths, but for BLIP-2's picture encoder (39 layers of 1408: over the 2 GiB that a file may have),
which has 2. Otherwise transformers have 2 layers, EfficientNet-b7 one block a stage, VGG16 a quarter of the channels.

Architectures after: Dosovitskiy et al. 2021 (ViT), Radford et al. 2021 (CLIP), Oquab et al. 2023 (DINOv2), Li et al. 2023 (BLIP-2),
Tan and Le 2019 (EfficientNet), Simonyan and Zisserman 2015 (VGG). Normalisations of batches are left out: in a finished model they
are a part of the convolution before them.
"""
import math
import os
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 17


class Graph:
    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)
        self.nodes, self.weights, self.inputs, self.outputs = [], [], [], []
        self.count = 0

    def name(self):
        self.count += 1
        return f"v{self.count}"

    def op(self, kind, *inputs, **attributes):
        out = self.name()
        self.nodes.append(helper.make_node(kind, list(inputs), [out], **attributes))
        return out

    def constant(self, array):
        out = self.name()
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(array), out))
        return out

    def ints(self, *values):
        return self.constant(np.array(values, np.int64))

    def random(self, *shape, scale=1.0):
        return self.constant(self.rng.standard_normal(shape, np.float32) * np.float32(scale))

    def input(self, name, kind, shape):
        self.inputs.append(helper.make_tensor_value_info(name, kind, shape))
        return name

    def output(self, value, name, shape):
        self.nodes.append(helper.make_node("Identity", [value], [name]))
        self.outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))

    def linear(self, x, wide, to, bias=True):
        y = self.op("MatMul", x, self.random(wide, to, scale=1 / math.sqrt(wide)))
        return self.op("Add", y, self.random(to, scale=0.1)) if bias else y

    def norm(self, x, wide):
        gain = self.constant((1 + 0.1 * self.rng.standard_normal(wide)).astype(np.float32))
        return self.op("LayerNormalization", x, gain, self.random(wide, scale=0.1), epsilon=1e-6)

    def gelu(self, x, quick):
        if quick:
            return self.op("Mul", x, self.op("Sigmoid", self.op("Mul", x, self.constant(np.float32(1.702)))))
        y = self.op("Erf", self.op("Mul", x, self.constant(np.float32(math.sqrt(0.5)))))
        y = self.op("Add", y, self.constant(np.float32(1)))
        return self.op("Mul", self.op("Mul", x, y), self.constant(np.float32(0.5)))

    def heads(self, x, wide, heads, order):
        return self.op("Transpose", self.op("Reshape", x, self.ints(1, -1, heads, wide // heads)), perm=order)

    def attention(self, x, wide, heads, other=None, other_wide=None, mask=None):
        keys = other or x
        q = self.heads(self.linear(x, wide, wide), wide, heads, [0, 2, 1, 3])
        k = self.heads(self.linear(keys, other_wide or wide, wide), wide, heads, [0, 2, 3, 1])
        v = self.heads(self.linear(keys, other_wide or wide, wide), wide, heads, [0, 2, 1, 3])
        scores = self.op("Mul", self.op("MatMul", q, k), self.constant(np.float32(1 / math.sqrt(wide // heads))))
        if mask:
            scores = self.op("Add", scores, mask)
        y = self.op("MatMul", self.op("Softmax", scores, axis=-1), v)
        y = self.op("Reshape", self.op("Transpose", y, perm=[0, 2, 1, 3]), self.ints(1, -1, wide))
        return self.linear(y, wide, wide)

    def mlp(self, x, wide, inner, quick):
        return self.linear(self.gelu(self.linear(x, wide, inner), quick), inner, wide)

    def layers(self, x, count, wide, heads, inner, quick=False, scaled=False, mask=None):
        for _ in range(count):
            for part in ("attention", "mlp"):
                y = self.norm(x, wide)
                y = self.attention(y, wide, heads, mask=mask) if part == "attention" else self.mlp(y, wide, inner, quick)
                if scaled:
                    y = self.op("Mul", y, self.random(wide))
                x = self.op("Add", x, y)
        return x

    def patches(self, pixels, size, wide, side=224):
        x = self.op("Conv", pixels, self.random(wide, 3, size, size, scale=1 / math.sqrt(3 * size * size)),
                    self.random(wide, scale=0.1), strides=[size, size])
        x = self.op("Transpose", self.op("Reshape", x, self.ints(1, wide, -1)), perm=[0, 2, 1])
        x = self.op("Concat", self.random(1, 1, wide), x, axis=1)
        tokens = (side // size) ** 2 + 1
        return self.op("Add", x, self.random(1, tokens, wide, scale=0.2)), tokens

    def token(self, x, wide, index=0):
        return self.op("Reshape", self.op("Gather", x, self.ints(index), axis=1), self.ints(1, wide))

    def conv(self, x, into, out, size, stride=1, group=1, act="swish"):
        fan = into // group * size * size
        pad = (size - 1) // 2
        y = self.op("Conv", x, self.random(out, into // group, size, size, scale=math.sqrt(2 / fan)), self.random(out, scale=0.02),
                    strides=[stride, stride], pads=[pad] * 4, group=group)
        if act == "swish":
            return self.op("Mul", y, self.op("Sigmoid", y))
        return self.op("Relu", y) if act == "relu" else y

    def save(self, path):
        graph = helper.make_graph(self.nodes, "model", self.inputs, self.outputs, self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
        onnx.save(model, path)
        return path


def pixels_of(graph, side=224):
    return graph.input("pixel_values", TensorProto.FLOAT, ["batch", 3, side, side])


def vit_l_16(folder, full):
    g = Graph(1)
    x, tokens = g.patches(pixels_of(g), 16, 1024)
    x = g.norm(g.layers(x, 24 if full else 2, 1024, 16, 4096), 1024)
    g.output(x, "last_hidden_state", ["batch", tokens, 1024])
    g.output(g.op("Tanh", g.linear(g.token(x, 1024), 1024, 1024)), "pooler_output", ["batch", 1024])
    return g.save(os.path.join(folder, "vit-l-16.onnx"))


def clip_vit_b_32(folder, full):
    g = Graph(2)
    x, tokens = g.patches(pixels_of(g), 32, 768)
    x = g.layers(g.norm(x, 768), 12 if full else 2, 768, 12, 3072, quick=True)
    pooled = g.norm(g.token(x, 768), 768)
    g.output(pooled, "pooler_output", ["batch", 768])
    g.output(g.linear(pooled, 768, 512, bias=False), "image_embeds", ["batch", 512])
    g.output(x, "last_hidden_state", ["batch", tokens, 768])
    clip_text(folder, full)
    return g.save(os.path.join(folder, "clip-vit-b-32.onnx"))


def clip_text(folder, full, length=77, words=49408):
    g = Graph(3)
    ids = g.input("input_ids", TensorProto.INT64, ["batch", "length"])
    kept = g.input("attention_mask", TensorProto.INT64, ["batch", "length"])
    x = g.op("Add", g.op("Gather", g.random(words, 512, scale=0.5), ids, axis=0), g.random(1, length, 512, scale=0.2))
    causal = g.constant(np.triu(np.full((1, 1, length, length), -1e9, np.float32), 1))
    away = g.op("Sub", g.constant(np.float32(1)), g.op("Cast", kept, to=TensorProto.FLOAT))
    away = g.op("Mul", g.op("Reshape", away, g.ints(1, 1, 1, length)), g.constant(np.float32(-1e9)))
    x = g.layers(x, 12 if full else 2, 512, 8, 2048, quick=True, mask=g.op("Add", causal, away))
    x = g.norm(x, 512)
    end = g.op("ArgMax", ids, axis=1, keepdims=0)  # the token that ends has the largest number; the first of them
    x = g.op("Reshape", g.op("Gather", g.op("Reshape", x, g.ints(-1, 512)), end, axis=0), g.ints(1, 512))
    g.output(g.linear(x, 512, 512, bias=False), "text_embeds", ["batch", 512])
    return g.save(os.path.join(folder, "clip-vit-b-32-text.onnx"))


def dinov2_b(folder, full):
    g = Graph(4)
    x, tokens = g.patches(pixels_of(g), 14, 768)
    x = g.norm(g.layers(x, 12 if full else 2, 768, 12, 3072, scaled=True), 768)
    g.output(x, "last_hidden_state", ["batch", tokens, 768])
    g.output(g.token(x, 768), "pooler_output", ["batch", 768])
    return g.save(os.path.join(folder, "dinov2-b.onnx"))


def blip2_qformer(folder, full):
    g = Graph(5)
    x, _ = g.patches(pixels_of(g), 14, 1408)
    x = g.norm(g.layers(x, 2, 1408, 16, 6144), 1408)
    q = g.norm(g.random(1, 32, 768), 768)
    for layer in range(12 if full else 2):
        q = g.norm(g.op("Add", q, g.attention(q, 768, 12)), 768)
        if layer % 2 == 0:
            q = g.norm(g.op("Add", q, g.attention(q, 768, 12, other=x, other_wide=1408)), 768)
        q = g.norm(g.op("Add", q, g.mlp(q, 768, 3072, False)), 768)
    g.output(q, "last_hidden_state", ["batch", 32, 768])
    return g.save(os.path.join(folder, "blip2-qformer.onnx"))


def rounded(channels, times=2.0, unit=8):
    wide = channels * times
    near = max(unit, int(wide + unit / 2) // unit * unit)
    return near + unit if near < 0.9 * wide else near


def efficientnet_b7(folder, full):
    g = Graph(6)
    x = g.conv(pixels_of(g, 600), 3, rounded(32), 3, stride=2)
    into = rounded(32)
    stages = [(3, 1, 1, 16, 1), (3, 2, 6, 24, 2), (5, 2, 6, 40, 2), (3, 3, 6, 80, 2), (5, 3, 6, 112, 1), (5, 4, 6, 192, 2),
              (3, 1, 6, 320, 1)]
    for size, repeats, grow, out, stride in stages:
        out = rounded(out)
        for block in range(math.ceil(repeats * 3.1) if full else 1):
            wide, step = into * grow, stride if block == 0 else 1
            y = g.conv(x, into, wide, 1) if grow > 1 else x
            y = g.conv(y, wide, wide, size, stride=step, group=wide)
            s = g.op("GlobalAveragePool", y)
            s = g.conv(s, wide, max(1, into // 4), 1)
            s = g.op("Sigmoid", g.conv(s, max(1, into // 4), wide, 1, act=None))
            y = g.conv(g.op("Mul", y, s), wide, out, 1, act=None)
            if step == 1 and into == out:
                y = g.op("Add", g.op("Mul", y, g.constant(np.float32(0.2))), x)
            x, into = y, out
    x = g.conv(x, into, 2560, 1)
    g.output(x, "last_hidden_state", ["batch", 2560, 19, 19])
    g.output(g.op("Reshape", g.op("GlobalMaxPool", x), g.ints(1, 2560)), "pooler_output", ["batch", 2560])  # as unreliable as theirs
    return g.save(os.path.join(folder, "efficientnet-b7.onnx"))


def vgg16(folder, full):
    g = Graph(7)
    x, into, part = pixels_of(g), 3, 1 if full else 4
    for out, repeats in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        for _ in range(repeats):
            x, into = g.conv(x, into, out // part, 3, act="relu"), out // part
        x = g.op("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2])
    x = g.op("Reshape", x, g.ints(1, into * 49))
    for wide, to in ((into * 49, 4096 // part), (4096 // part, 4096 // part)):
        x = g.op("Relu", g.linear(x, wide, to))
    g.output(g.linear(x, 4096 // part, 1000), "logits", ["batch", 1000])
    return g.save(os.path.join(folder, "vgg16.onnx"))


BUILDERS = {"vit-l-16": vit_l_16, "clip-vit-b-32": clip_vit_b_32, "dinov2-b": dinov2_b, "blip2-qformer": blip2_qformer,
            "efficientnet-b7": efficientnet_b7, "vgg16": vgg16}


def build(name, folder, full=False):
    return BUILDERS[name](folder, full)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(f"usage: {sys.argv[0]} FOLDER [--full] [NAME...]")
    names = [a for a in sys.argv[2:] if not a.startswith("--")] or list(BUILDERS)
    for one in names:
        path = build(one, sys.argv[1], "--full" in sys.argv)
        print(f"{path} {os.path.getsize(path) / 1e6:.0f} MB", flush=True)
