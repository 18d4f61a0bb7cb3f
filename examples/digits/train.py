#!/usr/bin/env python3
"""Trains the int8 network that the demo runs as a job: 64 pixels, 64 hidden units, 10 digits.

    python3 examples/digits/train.py          writes the weights beside this file (seconds; needs numpy)
    python3 examples/digits/train.py --check  trains again and compares with the files

All arithmetic is on integers, whose sums do not depend on their order: the same bytes on every machine.
The forward pass is the kernel's (kernels/mlp_i8): products of int8, a rounded shift with ReLU, products.
Gradients pass the rounding as if it were not there (Bengio et al. 2013, arXiv:1308.3432); the loss is the
multi-class hinge (Crammer and Singer 2001). Every second record is for training, the others are held out.
"""

import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
HIDDEN, CLASSES, SHIFT = 64, 10, 6
FRACTION = 12  # bits after the point of the weights that are trained
MARGIN = 6000
EPOCHS, BATCH = 100, 16


def records():
    """Pixels (0 to 16) and digits of all 1,797 records."""
    images = np.fromfile(HERE / "images.bin", np.int8).reshape(-1, 64)
    return images.astype(np.int64), np.fromfile(HERE / "labels.bin", np.uint8).astype(np.int64)


def rounded(trained):
    """The int8 weights of trained ones."""
    return np.clip((trained + (1 << FRACTION - 1)) >> FRACTION, -127, 127)


def forward(pixels, hidden_weights, hidden_bias, class_weights, class_bias):
    """Activations and scores, as the kernel computes them."""
    sums = pixels @ hidden_weights.T + hidden_bias
    hidden = np.where(sums > 0, np.minimum((sums + (1 << SHIFT - 1)) >> SHIFT, 127), 0)
    return sums, hidden, hidden @ class_weights.T + class_bias


def train(pixels, digits):
    random = np.random.RandomState(1)  # whose numbers are the same in every version of numpy
    one = 1 << FRACTION
    w1 = random.randint(-24 * one, 24 * one, (HIDDEN, 64)).astype(np.int64)
    w2 = random.randint(-24 * one, 24 * one, (CLASSES, HIDDEN)).astype(np.int64)
    b1, b2 = np.zeros(HIDDEN, np.int64), np.zeros(CLASSES, np.int64)
    for epoch in range(EPOCHS):
        rate = 3 + epoch * 4 // EPOCHS  # the step is halved four times
        order = random.permutation(len(pixels))
        for first in range(0, len(order), BATCH):
            chosen = order[first : first + BATCH]
            x, y = pixels[chosen], digits[chosen]
            rows = np.arange(len(chosen))
            c1, c2 = rounded(w1), rounded(w2)
            sums, hidden, scores = forward(x, c1, b1, c2, b2)
            rivals = scores + MARGIN
            rivals[rows, y] -= MARGIN
            rival = rivals.argmax(axis=1)
            wrong = (rival != y).astype(np.int64)
            error = np.zeros((len(chosen), CLASSES), np.int64)
            error[rows, rival] += wrong
            error[rows, y] -= wrong
            back = np.where((sums > 0) & (hidden < 127), error @ c2, 0)
            w2 -= (error.T @ hidden) * (one >> rate) // 16
            b2 -= error.sum(axis=0) * (1024 >> rate)
            w1 -= (back.T @ x) * (one >> rate) // 128
            b1 -= back.sum(axis=0) * (64 >> rate) // 8
    return rounded(w1), b1, rounded(w2), b2


def main():
    pixels, digits = records()
    hidden_weights, hidden_bias, class_weights, class_bias = train(pixels[::2], digits[::2])
    _, _, scores = forward(pixels, hidden_weights, hidden_bias, class_weights, class_bias)
    right = scores.argmax(axis=1) == digits
    print(f"trained on: {right[::2].mean():.2%} right; held out: {right[1::2].mean():.2%} right")
    files = {
        "hidden_weights.bin": hidden_weights.astype(np.int8),
        "hidden_bias.bin": hidden_bias.astype("<i4"),
        "class_weights.bin": class_weights.astype(np.int8),
        "class_bias.bin": class_bias.astype("<i4"),
    }
    for name, values in files.items():
        if "--check" in sys.argv:
            assert (HERE / name).read_bytes() == values.tobytes(), f"{name} differs"
        else:
            (HERE / name).write_bytes(values.tobytes())


if __name__ == "__main__":
    main()
