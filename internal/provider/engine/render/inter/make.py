#!/usr/bin/env python3
"""Cut the faces of Inter that the documents are set in.

Usage: make.py FOLDER   (FOLDER: the unpacked npm package @expo-google-fonts/inter)

Writes inter-FACE-SET.ttf and its metrics, inter-FACE-SET.json, for three faces
and two sets of letters. A set has at most 224 characters, so that a PDF can
name each by one byte and embed the file as it lies here: parsing and cutting a
font for every document cost 5 ms and 4 MB a face. Nearly every document needs
only the first set.

The cut drops hints and layout tables, which PDF writers do not read, and puts
the tabular digits in the place of the proportional ones, because figures that
do not line up under each other are hard to compare.
"""
import json
import pathlib
import sys

from fontTools import agl, subset, ttLib

FACES = {
    "regular": "400Regular/Inter_400Regular.ttf",
    "medium": "500Medium/Inter_500Medium.ttf",
    "semibold": "600SemiBold/Inter_600SemiBold.ttf",
}

# What Turkish and English prose and figures need: ASCII, the Turkish letters
# with their circumflexes, quotes, dashes, signs, currencies, arrows, and the
# box that stands for a character the fonts do not have.
CORE = [
    *range(0x20, 0x7F), 0xA0, *map(ord, "£§©«®°±·»×÷ÂÇÎÖÛÜâçîöûüĞğİıŞş–—‘’‚“”„•…‰‹›€₺™←↑→↓−≈≠≤≥□"),
]
# The rest of Latin-1 and Latin Extended-A, and the Romanian letters. Inter has
# neither the soft hyphen nor the deprecated n with apostrophe.
REST = sorted((set(range(0xA1, 0x180)) | set(range(0x218, 0x21C))) - set(CORE) - {0xAD, 0x149})

SETS = {"core": CORE, "rest": REST}
FIRST = 32  # the byte of a set's first character
WIDTHS = 256


def tabular(font):
    """The map from a glyph's name to its tabular twin (GSUB feature tnum)."""
    table = font["GSUB"].table
    lookups = {i for r in table.FeatureList.FeatureRecord if r.FeatureTag == "tnum" for i in r.Feature.LookupListIndex}
    twins = {}
    for i in lookups:
        for sub in table.LookupList.Lookup[i].SubTable:
            twins.update(getattr(sub, "ExtSubTable", sub).mapping)
    return twins


def name_of(code):
    """The glyph name by which a PDF reader finds the character again."""
    name = agl.UV2AGL.get(code, "")
    return name if agl.toUnicode(name) == chr(code) and code != 0x25A1 else f"uni{code:04X}"


def cut(source, codes):
    font = ttLib.TTFont(source, recalcTimestamp=False)
    twins = tabular(font)
    for table in font["cmap"].tables:
        for code in range(ord("0"), ord("9") + 1):
            if code in table.cmap:
                table.cmap[code] = twins.get(table.cmap[code], table.cmap[code])
    missing = sorted(set(codes) - set(font.getBestCmap()))
    if missing:
        sys.exit(f"{source} lacks " + " ".join(f"U+{c:04X}" for c in missing))
    options = subset.Options(
        layout_features=[], hinting=False, glyph_names=False, notdef_outline=True, name_IDs=[],
        drop_tables=["GSUB", "GPOS", "GDEF", "STAT", "DSIG", "meta", "name", "OS/2", "gasp"],
    )
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=codes)
    cutter.subset(font)
    return font, options


def metrics(font, original, name, codes):
    scale = 1000 / font["head"].unitsPerEm
    def scaled(v):
        return round(v * scale)
    cmap, hmtx, head, os2 = font.getBestCmap(), font["hmtx"], font["head"], original["OS/2"]
    widths = [0] * WIDTHS
    for i, code in enumerate(codes):
        widths[FIRST + i] = scaled(hmtx[cmap[code]][0])
    return {
        "Tp": "TrueType", "Name": name, "Enc": "", "File": name + ".z",
        "Diff": f"{FIRST} " + " ".join("/" + name_of(c) for c in codes),
        "Desc": {
            "Ascent": scaled(font["hhea"].ascent), "Descent": scaled(font["hhea"].descent),
            "CapHeight": scaled(os2.sCapHeight), "Flags": 32, "ItalicAngle": 0,
            "StemV": 50 + (os2.usWeightClass // 65) ** 2, "MissingWidth": 0,
            "FontBBox": {"Xmin": scaled(head.xMin), "Ymin": scaled(head.yMin), "Xmax": scaled(head.xMax), "Ymax": scaled(head.yMax)},
        },
        "Up": scaled(font["post"].underlinePosition), "Ut": scaled(font["post"].underlineThickness),
        "Cw": widths, "Runes": codes,
    }


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    here = pathlib.Path(__file__).parent
    for face, path in FACES.items():
        source = pathlib.Path(sys.argv[1]) / path
        for chosen, codes in SETS.items():
            assert len(codes) <= WIDTHS - FIRST, f"{chosen} has {len(codes)} characters"
            name = f"inter-{face}-{chosen}"
            font, options = cut(source, codes)
            subset.save_font(font, str(here / f"{name}.ttf"), options)
            doc = metrics(font, ttLib.TTFont(source), f"Inter-{face.capitalize()}-{chosen.capitalize()}", codes)
            (here / f"{name}.json").write_text(json.dumps(doc, indent=None, separators=(",", ":"), ensure_ascii=True) + "\n")
            print(f"{name}: {(here / f'{name}.ttf').stat().st_size} bytes, {len(codes)} characters")


main()
