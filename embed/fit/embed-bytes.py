#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""embed-bytes.py FILE NAME OUTPUT: a C file that holds the bytes of FILE as `const unsigned char NAME[]` and their number."""
import sys

with open(sys.argv[1], "rb") as file:
    data = file.read()
with open(sys.argv[3], "w") as out:
    out.write("extern const unsigned char %s[];\nextern const unsigned long %s_size;\n" % (sys.argv[2], sys.argv[2]))
    out.write("const unsigned long %s_size = %d;\nconst unsigned char %s[] =\n" % (sys.argv[2], len(data), sys.argv[2]))
    for at in range(0, len(data), 64):
        out.write('  "%s"\n' % "".join("\\%03o" % byte for byte in data[at:at + 64]))
    out.write("  ;\n")
