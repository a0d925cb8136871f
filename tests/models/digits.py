# SPDX-License-Identifier: GPL-3.0-or-later
"""A small convolutional network of the kind that Keras' examples have, conv-pool-conv-pool-conv-dense with ReLU and a softmax,
trained on scikit-learn's digits with NumPy alone (Adam, Kingma and Ba 2015), and exported as Keras exports it: pictures as
[batch, height, width, channels]."""
import numpy as np
import onnx
from numpy.lib.stride_tricks import sliding_window_view
from onnx import TensorProto, helper, numpy_helper


def columns(x):
    """[n, h, w, c] to [n, h, w, c x 9]: the neighbourhoods of 3 x 3, zeros beyond the border."""
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    return sliding_window_view(padded, (3, 3), axis=(1, 2)).reshape(*x.shape[:3], -1)


def pooled(x):
    n, h, w, c = x.shape
    return x.reshape(n, h // 2, 2, w // 2, 2, c).max(axis=(2, 4))


class Network:
    def __init__(self, channels=(8, 16, 32), classes=10, side=8, seed=1):
        rng = np.random.default_rng(seed)
        into, self.weights = 1, []
        for out in channels:
            self.weights += [rng.standard_normal((into * 9, out)) * np.sqrt(2 / (into * 9)), np.zeros(out)]
            into = out
        wide = (side // 4) ** 2 * into
        self.weights += [rng.standard_normal((wide, classes)) * np.sqrt(1 / wide), np.zeros(classes)]

    def forward(self, x):
        """Probabilities, and what backward() needs."""
        kept, value = [], x
        for layer in range(3):
            cols = columns(value)
            active = np.maximum(cols @ self.weights[2 * layer] + self.weights[2 * layer + 1], 0)
            result = pooled(active) if layer < 2 else active
            kept.append((value.shape, cols, active, result))
            value = result
        flat = value.reshape(len(x), -1)
        scores = flat @ self.weights[6] + self.weights[7]
        scores = np.exp(scores - scores.max(axis=1, keepdims=True))
        return scores / scores.sum(axis=1, keepdims=True), (kept, flat)

    def backward(self, probabilities, kept_flat, truth):
        kept, flat = kept_flat
        slopes = [None] * 8
        error = probabilities.copy()
        error[np.arange(len(truth)), truth] -= 1
        error /= len(truth)
        slopes[6], slopes[7] = flat.T @ error, error.sum(axis=0)
        error = (error @ self.weights[6].T).reshape(kept[2][3].shape)
        for layer in (2, 1, 0):
            shape, cols, active, result = kept[layer]
            if layer < 2:  # to where the largest of four stood
                large = np.repeat(np.repeat(result, 2, axis=1), 2, axis=2)
                error = np.repeat(np.repeat(error, 2, axis=1), 2, axis=2) * (active == large)
            error = error * (active > 0)
            slopes[2 * layer] = cols.reshape(-1, cols.shape[-1]).T @ error.reshape(-1, error.shape[-1])
            slopes[2 * layer + 1] = error.sum(axis=(0, 1, 2))
            spread = (error @ self.weights[2 * layer].T).reshape(*shape[:3], shape[3], 3, 3)
            error = np.zeros((shape[0], shape[1] + 2, shape[2] + 2, shape[3]))
            for dy in range(3):
                for dx in range(3):
                    error[:, dy:dy + shape[1], dx:dx + shape[2]] += spread[..., dy, dx]
            error = error[:, 1:-1, 1:-1]
        return slopes

    def train(self, x, truth, epochs=12, batch=50, rate=3e-3, seed=2):
        rng = np.random.default_rng(seed)
        first, second, step = [0.0] * 8, [0.0] * 8, 0
        for _ in range(epochs):
            order = rng.permutation(len(x))
            for at in range(0, len(x), batch):
                some = order[at:at + batch]
                step += 1
                for i, slope in enumerate(self.backward(*self.forward(x[some]), truth[some])):
                    first[i] = 0.9 * first[i] + 0.1 * slope
                    second[i] = 0.999 * second[i] + 0.001 * slope ** 2
                    self.weights[i] = self.weights[i] - rate * (first[i] / (1 - 0.9 ** step)) / (
                        np.sqrt(second[i] / (1 - 0.999 ** step)) + 1e-8)

    def export(self, path, side=8):
        nodes, weights, value = [], [], "input"

        def op(kind, *inputs, **attributes):
            nodes.append(helper.make_node(kind, inputs, [f"v{len(nodes)}"], **attributes))
            return nodes[-1].output[0]

        def constant(array):
            weights.append(numpy_helper.from_array(np.ascontiguousarray(array), f"w{len(weights)}"))
            return weights[-1].name

        value = op("Transpose", value, perm=[0, 3, 1, 2])
        into = 1
        for layer in range(3):
            kernel = self.weights[2 * layer].T.reshape(-1, into, 3, 3).astype(np.float32)
            into = len(kernel)
            value = op("Conv", value, constant(kernel), constant(self.weights[2 * layer + 1].astype(np.float32)), pads=[1] * 4)
            value = op("Relu", value)
            if layer < 2:
                value = op("MaxPool", value, kernel_shape=[2, 2], strides=[2, 2])
        value = op("Transpose", value, perm=[0, 2, 3, 1])
        value = op("Reshape", value, constant(np.array([-1, len(self.weights[6])], np.int64)))
        value = op("Add", op("MatMul", value, constant(self.weights[6].astype(np.float32))),
                   constant(self.weights[7].astype(np.float32)))
        nodes.append(helper.make_node("Softmax", [value], ["dense"], axis=-1))
        graph = helper.make_graph(
            nodes, "digits", [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["n", side, side, 1])],
            [helper.make_tensor_value_info("dense", TensorProto.FLOAT, ["n", self.weights[7].shape[0]])], weights)
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
