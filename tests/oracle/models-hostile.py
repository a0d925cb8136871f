# SPDX-License-Identifier: GPL-3.0-or-later
"""Wrong and hostile ONNX files: each costs one line, in the time that it may take, and neither the program nor the next model."""
import os
import random
import subprocess
import tempfile
import time

from _models import enter, use_library

enter()
from tap import check, done, require  # noqa: E402

np, image, onnx, runtime = require("numpy", "PIL.Image", "onnx", "onnxruntime")
from onnx import TensorProto, helper, numpy_helper  # noqa: E402

use_library(runtime)
tool = os.path.join(os.environ["BUILD"], "tests/tool-model")
FLOAT, INT = TensorProto.FLOAT, TensorProto.INT64
SIDE = "size = 8x8\nresize = nearest\nfit = stretch\n"
INPUT = 1  # IE_ERROR_INPUT


def save(path, nodes, outputs, weights=(), inputs=(("x", FLOAT, [1, 3, 8, 8]),), **more):
    graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info(*i) for i in inputs],
                              [helper.make_tensor_value_info(*o) for o in outputs], list(weights))
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path, **more)


def tensor(name, array):
    return numpy_helper.from_array(array, name)


def mean(value="x", out="y"):
    """[1, 3, 8, 8] to [1, 3]."""
    return [helper.make_node("ReduceMean", [value], [out], axes=[2, 3], keepdims=0)]


with tempfile.TemporaryDirectory() as place:
    os.chdir(place)
    image.fromarray(np.arange(192, dtype=np.uint8).reshape(8, 8, 3)).save("p.png")

    def run(name, sidecar=SIDE, *options, words=("p.png",)):
        with open(f"{name}.model", "w") as out:
            out.write(sidecar)
        began = time.monotonic()
        said = subprocess.run([tool, f"{name}.onnx", *options, *words], capture_output=True, timeout=300)
        return said.returncode, said.stdout.decode("utf-8", "replace").splitlines(), time.monotonic() - began

    def refused(name, code, contains="", sidecar=SIDE, options=(), seconds=60):
        status, lines, took = run(name, sidecar, *options)
        good = status in (0, 1) and len(lines) == 1 and lines[0].startswith(f"error {code} ") and contains in lines[0] and took < seconds
        check(good, f"{name}: {lines[0][8:100] if lines else 'nothing'}", (status, lines, took))

    save("good.onnx", mean(), [("y", FLOAT, [1, 3])])
    status, lines, _ = run("good")
    numbers = np.array(lines[0].split(), float)
    wanted = np.asarray(image.open("p.png"), float).mean(axis=(0, 1))
    check(np.abs(numbers - wanted / np.linalg.norm(wanted)).max() < 1e-6, "the model without fault works", lines)

    # Files that are none.
    whole = open("good.onnx", "rb").read()
    for name, content in (("empty", b""), ("text", b"this is no model\n" * 100), ("zeros", bytes(4096)),
                          ("cut", whole[:len(whole) // 2]), ("tail", whole + b"\xff" * 64), ("varint", b"\x80" * 1000)):
        open(f"{name}.onnx", "wb").write(content)
        refused(name, INPUT)
    os.mkdir("folder.onnx")
    refused("folder", INPUT)
    os.mkfifo("pipe.onnx")
    refused("pipe", INPUT)
    refused("absent", INPUT)

    # Bytes at random: an answer of one line or a vector, whatever it is.
    rng = random.Random(6)
    bad = []
    for i in range(40):
        content = bytearray(whole)
        for _ in range(rng.randrange(1, 6)):
            content[rng.randrange(len(content))] = rng.randrange(256)
        open("flipped.onnx", "wb").write(content)
        status, lines, took = run("flipped", SIDE, "--timeout", "20", "--memory", "512")
        if status not in (0, 1) or len(lines) != 1:
            bad.append((i, status, lines))
    check(not bad, "40 files with bytes changed at random: one line each", bad)

    # Models of another kind.
    save("wide.onnx", mean(), [("y", FLOAT, [1, 3])], inputs=[("x", FLOAT, [1, 3, 16, 16])])
    refused("wide", INPUT, "1x3x16x16")
    save("tokens.onnx", [helper.make_node("Cast", ["x"], ["y"], to=FLOAT)], [("y", FLOAT, [1, 8])], inputs=[("x", INT, [1, 8])])
    refused("tokens", INPUT, "input")
    save("double.onnx", mean(), [("y", TensorProto.DOUBLE, [1, 3])], inputs=[("x", TensorProto.DOUBLE, [1, 3, 8, 8])])
    refused("double", INPUT)
    save("map.onnx", [helper.make_node("Identity", ["x"], ["y"])], [("y", FLOAT, [1, 3, 8, 8])])
    refused("map", INPUT)
    save("map.onnx", [helper.make_node("Identity", ["x"], ["y"])], [("y", FLOAT, [1, 3, 8, 8])])
    refused("map", INPUT, sidecar=SIDE + "output = z\n", contains="z")
    save("names.onnx", mean(out="line\nfeed\x1b[31m"), [("line\nfeed\x1b[31m", FLOAT, [1, 3])])
    refused("names", INPUT, "line feed", sidecar=SIDE + "output = z\n")
    refused("good", INPUT, "3", sidecar=SIDE + "dimensions = 4\n")
    save("nan.onnx", [*mean("x", "m"), helper.make_node("Log", ["minus"], ["l"]), helper.make_node("Add", ["m", "l"], ["y"])],
         [("y", FLOAT, [1, 3])], [tensor("minus", np.array([[-1, -1, -1]], np.float32))])
    refused("nan", INPUT, "finite")
    save("naught.onnx", [*mean("x", "m"), helper.make_node("Mul", ["m", "zero"], ["y"])], [("y", FLOAT, [1, 3])],
         [tensor("zero", np.zeros((1, 3), np.float32))])
    refused("naught", INPUT, "zeros")
    save("batch.onnx", [*mean("x", "m"), helper.make_node("Concat", ["m", "m"], ["y"], axis=0)], [("y", FLOAT, [None, 3])])
    refused("batch", INPUT)

    # Hunger: the shape depends on the picture, so that nobody can know it before.
    for name, size in (("hunger", 40_000_000_000), ("thirst", 1 << 61)):
        save(f"{name}.onnx",
             [helper.make_node("ReduceMean", ["x"], ["m"], keepdims=0), helper.make_node("Mul", ["m", "naught"], ["n"]),
              helper.make_node("Cast", ["n"], ["i"], to=INT), helper.make_node("Add", ["size", "i"], ["s"]),
              helper.make_node("ConstantOfShape", ["s"], ["big"]), helper.make_node("ReduceMean", ["big"], ["one"], keepdims=0),
              *mean("x", "k"), helper.make_node("Add", ["k", "one"], ["y"])],
             [("y", FLOAT, [1, 3])], [tensor("naught", np.float32(0)), tensor("size", np.array([size], np.int64))])
        status, lines, took = run(name, SIDE, "--memory", "1024")
        good = len(lines) == 1 and lines[0].startswith(("error 4 ", "error 1 ")) and status in (0, 1)
        check(good and (name != "hunger" or lines[0].startswith("error 4 ")), f"{name}: {lines[0][8:100] if lines else ''}", (status, lines))
    # Endless: a loop of 2^62 rounds.
    body = helper.make_graph([helper.make_node("Identity", ["c"], ["d"]), helper.make_node("Sin", ["v"], ["w"])], "body",
                             [helper.make_tensor_value_info("i", INT, []), helper.make_tensor_value_info("c", TensorProto.BOOL, []),
                              helper.make_tensor_value_info("v", FLOAT, [1, 3])],
                             [helper.make_tensor_value_info("d", TensorProto.BOOL, []), helper.make_tensor_value_info("w", FLOAT, [1, 3])])
    save("endless.onnx", [*mean("x", "m"), helper.make_node("Loop", ["rounds", "yes", "m"], ["y"], body=body)], [("y", FLOAT, [1, 3])],
         [tensor("rounds", np.int64(1 << 62)), tensor("yes", np.bool_(True))])
    refused("endless", INPUT, "3 s", options=("--timeout", "3"), seconds=30)
    status, lines, _ = run("endless", SIDE, "--timeout", "2", words=("p.png", "p.png"))
    check(len(lines) == 2 and all(line.startswith("error 1 ") for line in lines), "after a model that hung the next picture is tried", lines)

    # Weights from elsewhere.
    weights = tensor("w", np.ones((1, 3), np.float32))
    for name, location in (("outside", "../" * 12 + "etc/passwd"), ("rooted", "/etc/passwd"), ("lost", "lost.bin")):
        weights.ClearField("raw_data")
        del weights.external_data[:]
        weights.data_location = TensorProto.EXTERNAL
        for key, value in (("location", location), ("offset", "0"), ("length", "12")):
            entry = weights.external_data.add()
            entry.key, entry.value = key, value
        graph = helper.make_graph([*mean("x", "m"), helper.make_node("Add", ["m", "w"], ["y"])], "g",
                                  [helper.make_tensor_value_info("x", FLOAT, [1, 3, 8, 8])],
                                  [helper.make_tensor_value_info("y", FLOAT, [1, 3])], [weights])
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        open(f"{name}.onnx", "wb").write(model.SerializeToString())
        refused(name, INPUT)

    # Sidecars.
    for name, text, contains in (("no size", "resize = nearest\n", "size"), ("key", SIDE + "siez = 8x8\n", "size"),
                                 ("value", SIDE + "resize = cubic\n", "cubic"), ("line", SIDE + "nonsense\n", "line 4"),
                                 ("number", SIDE + "mean = 1 2\n", "mean"), ("infinite", SIDE + "std = 1e999\n", "std"),
                                 ("nothing", SIDE + "std = 0\n", "std"), ("huge", "size = 99999x8\n", "size"),
                                 ("preset", "preset = resnet\n", "vit-l-16"), ("bytes", "size = 8x8\n\udcff\n", "UTF-8"),
                                 ("labels", SIDE + "labels = absent.txt\n", "labels"), ("text", SIDE + "text-model = t.onnx\n", "text-vocab")):
        with open("good.model", "w", errors="surrogateescape") as out:
            out.write(text)
        said = subprocess.run([tool, "good.onnx", "p.png"], capture_output=True, timeout=60)
        lines = said.stdout.decode("utf-8", "replace").splitlines()
        check(said.returncode == 1 and len(lines) == 1 and lines[0].startswith("error ") and contains in lines[0],
              f"sidecar, {name}: {lines[0][8:90] if lines else 'nothing'}", (said.returncode, lines))
    open("good.model", "wb").write(b"#" * 100_000)
    said = subprocess.run([tool, "good.onnx", "p.png"], capture_output=True, timeout=60)
    check(b"KiB" in said.stdout, "sidecar, too long", said.stdout)

    # The program's end is the model's.
    with open("endless.model", "w") as out:
        out.write(SIDE)
    program = subprocess.Popen([tool, "endless.onnx", "p.png"])
    children = []
    for _ in range(100):
        time.sleep(0.1)
        listed = subprocess.run(["ps", "-o", "pid=,args=", "--ppid", str(program.pid)], capture_output=True, text=True).stdout
        children = [line.split()[0] for line in listed.splitlines() if "model-process" in line]
        if children:
            break
    program.kill()
    program.wait()
    left = children
    for _ in range(100):
        left = [pid for pid in children if os.path.exists(f"/proc/{pid}")]
        if not left:
            break
        time.sleep(0.1)
    check(children and not left, "a model at work ends with its program, even one that was killed", (children, left))
done()
