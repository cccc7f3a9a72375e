#!/usr/bin/env bash
# Make the site's two fonts anew from their pinned packages: letters of the languages that the review cites, one axis of weight.
# Needed: npm, and fonttools with brotli and uharfbuzz (python -m pip install fonttools==4.68.0 brotli==1.2.1 uharfbuzz==0.57.0).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out="$here/../../src/review_book/static/review/fonts"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm pack --silent @fontsource-variable/source-sans-3@5.3.0 @fontsource/source-serif-4@5.3.1 > packed
sha256sum -c "$here/packages.sha256"
for pack in *.tgz; do mkdir "${pack%.tgz}" && tar xzf "$pack" -C "${pack%.tgz}"; done
letters='U+20-7E,U+A0,U+A7,U+B0-B3,U+B5,U+B7,U+B9,U+BC-BE,U+C0-FF,U+2010-2015,U+2018-201D,U+2020,U+2022,U+2026,U+2032,U+2039,U+203A,U+2070,U+2074-2079,U+207B,U+2190-2193,U+2212,U+2248,U+2264,U+2265'
fonttools varLib.instancer -q -o sans.ttf fontsource-variable-source-sans-3-*/package/files/source-sans-3-latin-wght-normal.woff2 wght=400:700
# Two files: what nearly every page has, and what a page asks for when it has any of it (`review.css` says which).
often='U+20-7E,U+A0,U+B0-B3,U+B5,U+B7,U+B9,U+D7,U+E0,U+E1,U+E4,U+E5,U+E7-E9,U+ED,U+F1,U+F3,U+F6,U+F8,U+FC,U+2013,U+2014,U+2018,U+2019,U+201C,U+201D,U+2026,U+2070,U+2074-2079,U+207B,U+2190-2193,U+2212,U+2248,U+2264,U+2265'
seldom='U+A7,U+BC-BE,U+C0-D6,U+D8-DF,U+E2,U+E3,U+E6,U+EA-EC,U+EE-F0,U+F2,U+F4,U+F5,U+F7,U+F9-FB,U+FD-FF,U+2010-2012,U+2015,U+2020,U+2022,U+2032,U+2039,U+203A'
pyftsubset sans.ttf --unicodes="$seldom" --layout-features='kern' --no-hinting --flavor=woff2 --output-file="$out/source-sans-3-more.woff2"
pyftsubset sans.ttf --unicodes="$often" --layout-features='kern,tnum' --no-hinting --flavor=woff2 --output-file="$out/source-sans-3.woff2"
# Headings alone are set in this one: fewer letters do, and pairs that are not moved closer spare a quarter of it.
pyftsubset fontsource-source-serif-4-*/package/files/source-serif-4-latin-600-normal.woff2 --unicodes='U+20-7E,U+A0,U+C4,U+D6,U+DC,U+E4,U+E8,U+E9,U+F6,U+FC,U+2013,U+2014,U+2018,U+2019,U+201C,U+201D,U+2026' --layout-features='' --no-hinting --flavor=woff2 --output-file="$out/source-serif-4.woff2"
# The same letters for measuring the text of drawings: how wide each is, and which pairs stand closer or wider.
for weight in 400 600; do
  fonttools varLib.instancer -q -o "$weight.ttf" sans.ttf wght=$weight
  pyftsubset "$weight.ttf" --unicodes="$letters" --layout-features='kern' --no-hinting --output-file="$weight-small.ttf"
done
python - "$out/../../../site/fonts/widths.json" <<'PY'
import io
import json
import sys

import uharfbuzz as harfbuzz
from fontTools.ttLib import TTFont


def measured(path):
    loose, bare = TTFont(path), io.BytesIO()
    loose.flavor = None
    loose.save(bare)
    face = harfbuzz.Face(bare.getvalue())
    font = harfbuzz.Font(face)

    def width(text):
        buffer = harfbuzz.Buffer()
        buffer.add_str(text)
        buffer.guess_segment_properties()
        harfbuzz.shape(font, buffer)
        return sum(glyph.x_advance for glyph in buffer.glyph_positions) * 1000 // face.upem

    letters = {chr(code): width(chr(code)) for code in sorted(face.unicodes)}
    pairs = {a + b: width(a + b) - letters[a] - letters[b] for a in letters for b in letters}
    return {"letters": letters, "pairs": {pair: more for pair, more in pairs.items() if more}}


said = {weight: measured(f"{weight}-small.ttf") for weight in ("400", "600")}
with open(sys.argv[1], "w", encoding="utf-8") as file:
    file.write(json.dumps(said, ensure_ascii=False, separators=(",", ":")) + "\n")
PY
cat fontsource-variable-source-sans-3-*/package/LICENSE > "$out/OFL-source-sans-3.txt"
cat fontsource-source-serif-4-*/package/LICENSE > "$out/OFL-source-serif-4.txt"
ls -l "$out"
