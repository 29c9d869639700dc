"""Reads the files it is given, and writes what a few parts of the standard library make of them."""

import collections
import csv
import decimal
import hashlib
import json
import os
import random
import re
import statistics
import sys
import zlib


def main(names):
    facts = {}
    for name in names:
        with open(name, "rb") as file:
            content = file.read()
        words = collections.Counter(re.findall(rb"[A-Za-z_]{4,}", content))
        packed = zlib.compress(content)
        assert zlib.decompress(packed) == content
        facts[name] = {
            "bytes": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
            "crc": zlib.crc32(content),
            "most": [(word.decode(), number) for word, number in sorted(words.items(), key=lambda w: (-w[1], w[0]))[:10]],
            "mean": statistics.fmean(content[:10000]),
        }
    print(json.dumps(facts, indent=1, sort_keys=True))
    dice = random.Random(7)
    with open("rolls.csv", "w", newline="") as file:
        writer = csv.writer(file)
        for number in range(200):
            writer.writerow([number, dice.randint(1, 6), decimal.Decimal(number) / 7])
    os.mkdir("kept")
    os.rename("rolls.csv", "kept/rolls.csv")
    print(sorted(os.listdir(".")), os.stat("kept/rolls.csv").st_size)
    # Which error this is differs from host to host.
    try:
        open("../outside")
    except OSError:
        print("there is nothing outside")
    return 9


sys.exit(main(sys.argv[1:]))
