#!/usr/bin/env python3
"""Has edges found in a picture by whoever asks least, and checks them against NumPy.

    MUTIRAO_ACCOUNT=maria examples/python/edges.py
    examples/python/edges.py --dev alice            # on a development chain

Needs `mutirao` on the PATH (or in the variable MUTIRAO), Python 3.9 and NumPy
(`apt-get install python3-numpy`).
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

# What docs/buyers.md lists.
NO_OFFER, NOT_DONE, WRONG, UNFINISHED = 11, 12, 14, 15


class Failed(Exception):
    """The tool's exit code and its message."""

    def __init__(self, code: int, message: str):
        super().__init__(f"{message} (exit code {code})")
        self.code = code


def mutirao(*arguments: str):
    """Runs the tool; what it prints as JSON. News go to standard error as they come."""
    command = [os.environ.get("MUTIRAO", "mutirao"), "-o", "json", *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        message = "no message"
        for line in process.stderr:
            try:
                news = json.loads(line)
            except json.JSONDecodeError:
                message = line.strip()
                continue
            message = news.get("error", message)
            if "stage" in news:
                print(f"  {news['stage']}: {news['text']}", file=sys.stderr)
        output = process.stdout.read()
    if process.returncode != 0:
        raise Failed(process.returncode, message)
    return json.loads(output)


def sobel(image: np.ndarray) -> np.ndarray:
    """The kernel's computation: |Gx| + |Gy|, at most 255; beyond the border the nearest pixel counts."""
    padded = np.pad(image.astype(np.int32), 1, mode="edge")
    rows = padded[:, :-2] + 2 * padded[:, 1:-1] + padded[:, 2:]
    columns = padded[:-2] + 2 * padded[1:-1] + padded[2:]
    gradient = np.abs(columns[:, 2:] - columns[:, :-2]) + np.abs(rows[2:] - rows[:-2])
    return np.minimum(gradient, 255).astype(np.uint8)


def main() -> int:
    key = sys.argv[1:]  # such as --dev alice
    height, width = 96, 128
    y, x = np.mgrid[:height, :width]
    image = (((x - 64) ** 2 + (y - 48) ** 2 < 1600) * 200 + x // 4).astype(np.uint8)
    with tempfile.TemporaryDirectory() as folder:
        picture, edges = Path(folder, "image.npy"), Path(folder, "edges.npy")
        np.save(picture, image)
        try:
            signed = mutirao(
                "job", "submit", "sobel", "-p", f"width={width}", "-p", f"height={height}",
                "-i", f"image={picture}", "--save", f"edges=u8:{edges}",
                "--max-price", "1 MUT", "--full", "--wait", *key,
            )
        except Failed as failed:
            advice = {
                NO_OFFER: "nobody wants the job for that price",
                NOT_DONE: "the price came back: try again",
                WRONG: "the provider lied",
                UNFINISHED: "go on with `mutirao job watch`",
            }
            print(f"{failed}: {advice.get(failed.code, 'see docs/buyers.md')}", file=sys.stderr)
            return failed.code
        receipt = signed["receipt"]
        # The output is filled up to whole slices of 256 bytes.
        found = np.load(edges)[: width * height].reshape(height, width)
    paid = int(receipt["costs"]["total"]) / 10**12
    passed, drawn = receipt["audits_passed"], receipt["audits_drawn"]
    print(f"job {receipt['job']}: {receipt['verdict']}, {paid} MUT, {passed} of {drawn} audits passed")
    equal = np.array_equal(found, sobel(image))
    print("equal to NumPy's" if equal else "NOT equal to NumPy's")
    return 0 if equal else WRONG


if __name__ == "__main__":
    sys.exit(main())
