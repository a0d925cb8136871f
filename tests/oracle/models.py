# SPDX-License-Identifier: GPL-3.0-or-later
"""Models beside Python's onnxruntime: an ONNX file of each of six families' true shapes (tests/models/build_models.py) through its
preset gives the same vector within 1e-4; CLIP's texts too, with a tokenizer made here.

--full: files with all layers. NAME...: those families alone."""
import os
import subprocess
import sys
import tempfile

from _models import enter, use_library

enter()
from tap import check, done, require  # noqa: E402

np, image, onnx, runtime = require("numpy", "PIL.Image", "onnx", "onnxruntime")
import build_models  # noqa: E402
from bpe import Bpe, make_tokenizer  # noqa: E402

full = "--full" in sys.argv
print(f"# onnxruntime {runtime.__version__}, library {os.path.basename(use_library(runtime))}")
tool = os.path.join(os.environ["BUILD"], "tests/tool-model")
rng = np.random.default_rng(60)


def ours(model, *words, threads=2):
    """Vectors, or for what failed the line that says so."""
    said = subprocess.run([tool, model, "--threads", str(threads), *words], capture_output=True, text=True)
    return [line if line.startswith("error") else np.array(line.split(), np.float64) for line in said.stdout.splitlines()]


def theirs(path):
    options = runtime.SessionOptions()
    options.intra_op_num_threads = 2
    return runtime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def unit(vector):
    vector = np.asarray(vector, np.float64).ravel()
    return vector / np.linalg.norm(vector)


# ---- preprocessing, as the families' own Python does it ----

CLIP = ([0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711])
IMAGENET = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])


def shorter(picture, side, kind):
    width, height = picture.size
    size = (side, int(side * height / width)) if width <= height else (int(side * width / height), side)
    return picture.resize(size, kind)


def middle(picture, side, rounded=False):
    left, top = ((size - side) / 2 for size in picture.size)
    left, top = (round(left), round(top)) if rounded else (int(left), int(top))
    return picture.crop((left, top, left + side, top + side))


FAMILIES = {
    "vit-l-16": (lambda p: p.resize((224, 224), image.BILINEAR), ([0.5] * 3, [0.5] * 3), "last_hidden_state",
                 lambda out: out[0, 0]),
    "clip-vit-b-32": (lambda p: middle(shorter(p, 224, image.BICUBIC), 224), CLIP, "image_embeds", lambda out: out[0]),
    "dinov2-b": (lambda p: middle(shorter(p, 256, image.BICUBIC), 224), IMAGENET, "last_hidden_state", lambda out: out[0, 0]),
    "blip2-qformer": (lambda p: p.resize((224, 224), image.BICUBIC), CLIP, "last_hidden_state", lambda out: out[0, 0]),
    "efficientnet-b7": (lambda p: p.resize((600, 600), image.NEAREST),
                        (IMAGENET[0], [0.47853944, 0.4732864, 0.47434163]), "last_hidden_state",
                        lambda out: out[0].astype(np.float64).mean(axis=(1, 2))),
    "vgg16": (lambda p: middle(shorter(p, 256, image.BILINEAR), 224, True), IMAGENET, "logits", lambda out: out[0]),
}
DIMENSIONS = {"vit-l-16": 1024, "clip-vit-b-32": 512, "dinov2-b": 768, "blip2-qformer": 768, "efficientnet-b7": 2560, "vgg16": 1000}


def tensor(picture, norm):
    values = np.asarray(picture, np.float32) / np.float32(255)
    values = (values - np.float32(norm[0])) / np.float32(norm[1])
    return np.ascontiguousarray(values.transpose(2, 0, 1)[None])


def pictures(folder):
    """Two photographs where there are some, else what looks a little like them."""
    shared = os.path.join(os.environ.get("SHARED", ""), "photos")
    names = sorted(n for n in os.listdir(shared) if n.endswith(".png"))[:2] if os.path.isdir(shared) else []
    if names:
        return [os.path.join(shared, name) for name in names]
    made = []
    for size in ((640, 427), (300, 451)):
        small = image.fromarray(rng.integers(0, 256, (9, 13, 3), np.uint8))
        made.append(os.path.join(folder, f"{size[0]}.png"))
        small.resize(size, image.BICUBIC).save(made[-1])
    return made


def family(name, folder, photos):
    prepare, norm, output, pool = FAMILIES[name]
    path = build_models.build(name, folder, full)
    with open(path[:-5] + ".model", "w") as sidecar:
        sidecar.write(f"preset = {name}\n")
        if name == "clip-vit-b-32":
            sidecar.write("text-model = clip-vit-b-32-text.onnx\ntext-vocab = vocab.json\ntext-merges = merges.txt\n")
    session = theirs(path)
    got = ours(path, *photos)
    for photo, vector in zip(photos, got):
        if isinstance(vector, str):
            check(False, f"{name}: a vector of {os.path.basename(photo)}", vector)
            continue
        feed = {"pixel_values": tensor(prepare(image.open(photo).convert("RGB")), norm)}
        wanted = unit(pool(session.run([output], feed)[0]))
        apart = np.abs(vector - wanted).max() if vector.shape == wanted.shape else 9
        print(f"# {name}, {os.path.getsize(path) / 1e6:.0f} MB: {len(vector)} numbers, at most {apart:.1e} apart")
        check(len(vector) == DIMENSIONS[name] and apart <= 1e-4, f"{name}: {os.path.basename(photo)} as onnxruntime has it",
              f"{len(vector)} numbers, {apart} apart")
    check(len(got) == len(photos), f"{name}: every picture has an answer", got)
    if len(got) == 2 and not any(isinstance(v, str) for v in got):
        check(np.abs(got[0] - got[1]).max() > 3e-4, f"{name}: different pictures have different vectors", np.abs(got[0] - got[1]).max())
    if name != "clip-vit-b-32":
        os.remove(path)


TEXTS = ["a photo of a cat", "Two DOGS, running; it's 2026!", "naïve café — déjà vu", "  blanks\tand\nlines  ", "北京的秋天", "🙂 smile",
         "don't we'll they've I'm she'd you're", "x" * 300, " ".join(f"word{i}" for i in range(200)), "1234567890", "<|endoftext|> inside",
         "a", "İstanbul", "e\u0301 composed"]


def texts(folder):
    """CLIP's text tower, and the tokens themselves: another BPE of the same files, written for this test."""
    tokenizer = Bpe(os.path.join(folder, "vocab.json"), os.path.join(folder, "merges.txt"))
    session = theirs(os.path.join(folder, "clip-vit-b-32-text.onnx"))
    path = os.path.join(folder, "clip-vit-b-32.onnx")
    got = ours(path, *("text:" + text for text in TEXTS))
    wrong = []
    for text, vector in zip(TEXTS, got):
        ids, used = tokenizer.encode(text, 77)
        feed = {"input_ids": np.array([ids], np.int64), "attention_mask": np.array([[1] * used + [0] * (77 - used)], np.int64)}
        wanted = unit(session.run(["text_embeds"], feed)[0])
        if isinstance(vector, str) or np.abs(vector - wanted).max() > 1e-4:
            wrong.append((text[:40], vector if isinstance(vector, str) else np.abs(vector - wanted).max()))
    check(len(got) == len(TEXTS) and not wrong, f"{len(TEXTS)} texts through tokenizer and text tower", wrong)
    same = np.abs(got[0] - got[1]).max() if len(got) > 1 and not isinstance(got[0], str) else 0
    check(same > 1e-3, "different texts have different vectors")


with tempfile.TemporaryDirectory() as place:
    make_tokenizer(place)
    photographs = pictures(place)
    asked = [name for name in sys.argv[1:] if name in FAMILIES] or list(FAMILIES)
    for each in asked:
        family(each, place, photographs)
    if "clip-vit-b-32" in asked:
        texts(place)
done()
