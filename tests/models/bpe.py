# SPDX-License-Identifier: GPL-3.0-or-later
"""A byte pair tokenizer of CLIP's kind, written for tests alone: make_tokenizer() learns vocab.json and merges.txt of the true
size from texts made by a seed, Bpe reads them. Another way than embed/tokens.c: recursion over the best pair, words by unicodedata."""
import json
import os
import random
import unicodedata

BEGIN, END = "<|startoftext|>", "<|endoftext|>"


def byte_names():
    """Each byte's printable stand-in (Radford et al. 2019): visible Latin-1 as it is, the others from U+0100 on, in order."""
    visible = [b for b in range(256) if 33 <= b <= 126 or 161 <= b <= 172 or 174 <= b <= 255]
    names = {b: chr(b) for b in visible}
    for b in range(256):
        if b not in names:
            names[b] = chr(256 + len(names) - len(visible))
    return names


NAMES = byte_names()


def make_tokenizer(folder, merges=48894, seed=7):
    """256 bytes, 256 that end a word, merges, the two special tokens: 49408 in all, as CLIP has."""
    rng = random.Random(seed)
    single = [NAMES[b] for b in sorted(NAMES, key=lambda b: (b not in range(33, 127), b))]
    known = single + [s + "</w>" for s in single]
    have, pairs = set(known), []
    common = [NAMES[b] for b in b"etaoinshrdlucmfwypvbgk"] + [s + "</w>" for s in "etaoinsd"]
    # What real words and scripts of the test need first, then chains at random.
    for word in ["the", "photo", "cat", "dogs", "running", "word", "of", "déjà", "vu", "北京", "🙂", "smile", "it", "xxxxxxxx", "na"]:
        parts = [NAMES[b] for b in word.encode()]
        parts[-1] += "</w>"
        while len(parts) > 1:
            at = rng.randrange(len(parts) - 1)
            if parts[at] + parts[at + 1] not in have:
                pairs.append((parts[at], parts[at + 1]))
                have.add(parts[at] + parts[at + 1])
            parts[at:at + 2] = [parts[at] + parts[at + 1]]
    growing = list(common)
    while len(pairs) < merges:
        left, right = rng.choice(growing), rng.choice(growing)
        token = left + right
        if left.endswith("</w>") or token in have or len(token) > 16:
            continue
        pairs.append((left, right))
        have.add(token)
        growing.append(token)
    tokens = known + [a + b for a, b in pairs] + [BEGIN, END]
    with open(os.path.join(folder, "vocab.json"), "w") as out:  # as json writes it: \u escapes
        json.dump({token: i for i, token in enumerate(tokens)}, out)
    with open(os.path.join(folder, "merges.txt"), "w", encoding="utf-8") as out:
        out.write("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in pairs))
    return len(tokens)


class Bpe:
    def __init__(self, vocab, merges):
        with open(vocab, encoding="utf-8") as text:
            self.ids = json.load(text)
        with open(merges, encoding="utf-8") as text:
            lines = text.read().split("\n")[1:]
        self.ranks = {tuple(line.split()): i for i, line in enumerate(lines) if line}

    def words(self, text):
        text = "".join("i\u0307" if c == "\u0130" else c.lower() if len(c.lower()) == 1 else c
                       for c in unicodedata.normalize("NFC", text))
        at = 0
        while at < len(text):
            special = next((s for s in (BEGIN, END, "'s", "'t", "'re", "'ve", "'m", "'ll", "'d") if text.startswith(s, at)), None)
            if special:
                yield special
                at += len(special)
                continue
            kind = self.kind(text[at])
            end = at + 1
            while kind in ("letter", "other") and end < len(text) and self.kind(text[end]) == kind:
                end += 1
            if kind != "blank":
                yield text[at:end]
            at = end

    @staticmethod
    def kind(c):
        group = unicodedata.category(c)[0]
        return "blank" if c.isspace() else "letter" if group == "L" else "number" if group == "N" else "other"

    def pieces(self, parts):
        ranked = [(self.ranks[pair], pair) for pair in zip(parts, parts[1:]) if pair in self.ranks]
        if not ranked:
            return parts
        first, second = min(ranked)[1]
        joined, i = [], 0
        while i < len(parts):
            if i + 1 < len(parts) and (parts[i], parts[i + 1]) == (first, second):
                joined.append(first + second)
                i += 2
            else:
                joined.append(parts[i])
                i += 1
        return self.pieces(joined)

    def encode(self, text, length):
        ids = []
        for word in self.words(text):
            if word in (BEGIN, END):
                ids.append(self.ids[word])
                continue
            parts = [NAMES[b] for b in word.encode()]
            parts[-1] += "</w>"
            ids += [self.ids.get(piece, self.ids[END]) for piece in self.pieces(parts)]
        ids = [self.ids[BEGIN], *ids[:length - 2], self.ids[END]]
        return ids + [self.ids[END]] * (length - len(ids)), len(ids)
