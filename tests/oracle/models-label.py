# SPDX-License-Identifier: GPL-3.0-or-later
"""imgenhance label: a small convolutional network (tests/models/digits.py) trained on scikit-learn's digits names digits that it has
not seen; accuracy, precision, recall and F1 are scikit-learn's, to the last digit."""
import json
import os
import subprocess
import tempfile

from _models import enter, use_library

enter()
from tap import check, done, require  # noqa: E402

np, image, onnx, runtime, datasets, metrics = require("numpy", "PIL.Image", "onnx", "onnxruntime", "sklearn.datasets", "sklearn.metrics")
from digits import Network  # noqa: E402

use_library(runtime)
NAMES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]


def command(*words):
    said = subprocess.run([os.environ["IMGENHANCE"], *words], capture_output=True, text=True)
    return said.returncode, said.stdout, said.stderr


def compare(answer, truth, guess, name):
    """The measures of --evaluate --json beside scikit-learn's."""
    said = json.loads(answer)
    wrong = []
    one = metrics.precision_recall_fscore_support(truth, guess, labels=range(10), zero_division=0)
    for k, label in enumerate(said["labels"]):
        for key, values in zip(("precision", "recall", "f1", "pictures"), one):
            if abs(label[key] - values[k]) > 1e-12:
                wrong.append((label["label"], key, label[key], float(values[k])))
    for average, key in (("macro", "mean"), ("weighted", "weighted")):
        for part, value in zip(("precision", "recall", "f1"),
                               metrics.precision_recall_fscore_support(truth, guess, average=average, zero_division=0)):
            if abs(said[key][part] - value) > 1e-12:
                wrong.append((key, part, said[key][part], float(value)))
    if abs(said["accuracy"] - metrics.accuracy_score(truth, guess)) > 1e-12:
        wrong.append(("accuracy", said["accuracy"]))
    if [label["called"] for label in said["labels"]] != metrics.confusion_matrix(truth, guess, labels=range(10)).tolist():
        wrong.append("how often each was called which")
    check(not wrong and said["pictures"] == len(truth), name, wrong)
    return said


with tempfile.TemporaryDirectory() as place:
    digits = datasets.load_digits()
    codes = np.rint(digits.images * 255 / 16).astype(np.uint8)
    x, truth = codes[..., None] / 255.0, digits.target
    network = Network()
    network.train(x[:1200], truth[:1200])
    model = os.path.join(place, "digits.onnx")
    network.export(model)
    with open(os.path.join(place, "digits.model"), "w") as sidecar:
        sidecar.write("# trained by the test\nsize = 8x8\nresize = nearest\nfit = stretch\nchannels = gray\nlayout = nhwc\n"
                      "pooling = softmax\nlabels = labels.txt\n")
    with open(os.path.join(place, "labels.txt"), "w") as labels:
        labels.write("\n".join(NAMES) + "\n")
    test, rows = range(1200, len(x)), ["path,label"]
    for i in test:
        folder = os.path.join(place, "test", NAMES[truth[i]])
        os.makedirs(folder, exist_ok=True)
        image.fromarray(codes[i]).save(os.path.join(folder, f"{i}.png"))
        rows.append(f'"test/{NAMES[truth[i]]}/{i}.png",{NAMES[truth[i]]}')
    with open(os.path.join(place, "truth.csv"), "w") as csv:
        csv.write("\r\n".join(rows) + "\r\n")

    session = runtime.InferenceSession(model, providers=["CPUExecutionProvider"])
    scores = session.run(None, {"input": x[1200:].astype(np.float32)})[0]
    guess = scores.argmax(axis=1)
    check(np.abs(scores - network.forward(x[1200:])[0]).max() < 1e-5, "the exported network is the trained one")
    code, out, err = command("label", "--model", model, "--evaluate", os.path.join(place, "test"), "--json")
    check(code == 0 and not err, "evaluate ends well", err)
    said = compare(out, truth[1200:], guess, "a folder: accuracy, precision, recall, F1 are scikit-learn's")
    print(f"# {said['pictures']} digits not seen before: accuracy {said['accuracy']:.4f}, mean F1 {said['mean']['f1']:.4f}")
    check(said["accuracy"] > 0.9, "the network has learnt something", said["accuracy"])
    code, out, err = command("label", "--model", os.path.join(place, "digits.model"), "--evaluate", os.path.join(place, "truth.csv"), "--json")
    check(code == 0 and json.loads(out) == said, "a CSV of the same pictures: the same", err)
    code, out, err = command("label", "--model", model, "--evaluate", os.path.join(place, "test"))
    lines = dict((line[:24].strip(), line[24:].split()) for line in out.splitlines())
    check(lines.get("accuracy") == [f"{said['accuracy']:.4f}"] and lines["mean"][2] == f"{said['mean']['f1']:.4f}", "as text", out)

    # A model that is always wrong about one, and right in part about others: classes that nobody names or has.
    some = [i for i in test if truth[i] in (1, 2, 3)][:40]
    with open(os.path.join(place, "some.csv"), "w") as csv:
        csv.write("".join(f"test/{NAMES[truth[i]]}/{i}.png,{NAMES[(truth[i] + 1) % 4]}\n" for i in some))
    code, out, err = command("label", "--model", model, "--evaluate", os.path.join(place, "some.csv"), "--json")
    wrong_truth = [(truth[i] + 1) % 4 for i in some]
    compare(out, np.array(wrong_truth), guess[[i - 1200 for i in some]], "wrong truths, missing classes: still scikit-learn's")

    one = os.path.join(place, "test", NAMES[truth[1200]], "1200.png")
    code, out, err = command("label", "--model", model, "--json", "--top", "10", one)
    got = {label["label"]: label["score"] for label in json.loads(out)[0]["labels"]}
    apart = max(abs(got.get(name, 9) - scores[0][k]) for k, name in enumerate(NAMES))
    order = list(got.values())
    check(apart < 1e-5 and order == sorted(order, reverse=True), "scores are the network's, best first", apart)
    code, out, err = command("label", "--model", model, "--top", "1", one)
    check(out.startswith(f"{one}: {NAMES[guess[0]]} "), "as text: the path and its label", out)
    code, out, err = command("label", "--model", model, one, os.path.join(place, "labels.txt"), os.path.join(place, "absent.png"))
    check(code == 1 and len(out.splitlines()) == 1 and len(err.splitlines()) == 2, "a file that is no picture costs a line", err)
    with open(os.path.join(place, "unknown.csv"), "w") as csv:
        csv.write("test/one/1.png,eleven\n")
    code, out, err = command("label", "--model", model, "--evaluate", os.path.join(place, "unknown.csv"))
    check(code == 2 and "eleven" in err and len(err.splitlines()) == 1, "a label that the model has not: a line", err)
    with open(os.path.join(place, "labels.txt"), "a") as labels:
        labels.write("ten\n")
    code, out, err = command("label", "--model", model, one)
    check(code == 1 and "10" in err and "11" in err and len(err.splitlines()) == 1, "labels that do not fit the model: a line", err)
done()
