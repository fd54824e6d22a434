#!/usr/bin/env python3
"""Checks the includes of the source tree; --self-test checks this script.

1. A folder of src/ includes only itself and the folders that src/README.md allows it. That table is in dependency order,
   so it allows only folders above. Its first row, `latentcrs`, stands for the public headers in include/latentcrs/: they
   include nothing of src/ and nothing but the standard library, and only the folders that name them include them.
2. A source includes the header of its own name first, so that such a header is known to compile alone.

Headers without a source of their name are compiled alone by the CMake test `headers`.
"""
import pathlib
import re
import sys
import tempfile

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)
SYSTEM_INCLUDE = re.compile(r"^\s*#\s*include\s+<([^>]+)>", re.MULTILINE)
STANDARD_HEADER = re.compile(r"[a-z_]+")  # <string>, but neither <torch/torch.h> nor <unistd.h>
ROW = re.compile(r"^\| `(\w+)` \|[^|]*\|([^|]*)\|", re.MULTILINE)


def read_layers(root):
    """Folder -> folders it may include, in the order of the table."""
    layers = {}
    for name, allowed in ROW.findall((root / "src/README.md").read_text(encoding="utf-8")):
        names = re.findall(r"\w+", allowed)
        above = [n for n in names if n not in layers]
        if above:
            sys.exit(f"src/README.md: {name} may include {', '.join(above)}, which the table does not list above it")
        layers[name] = names
    return layers


def folder_of_include(path, layers):
    """The folder of src/ that an include path names; None where it names none."""
    parts = pathlib.PurePosixPath(path).parts
    return parts[0] if len(parts) > 1 and parts[0] in layers else None


def includes_of(file):
    return INCLUDE.findall(file.read_text(encoding="utf-8"))


def check_folder(root, folder, layers):
    """The problems of the files of src/<folder>."""
    problems = []
    for file in sorted((root / "src" / folder).rglob("*")):
        if file.suffix not in (".h", ".cpp", ".cu"):
            continue
        where = file.relative_to(root)
        includes = includes_of(file)
        for included in includes:
            target = folder_of_include(included, layers)
            if target not in (None, folder) and target not in layers[folder]:
                problems.append(f'{where}: {folder} may not include {target} ("{included}")')
            elif target is None and included != "util/tensorboard.pb.h":
                problems.append(f'{where}: write "{included}" from src/ on, as in "{folder}/{included}"')
        if file.suffix == ".h":
            continue
        own = file.with_suffix(".h")
        if own.exists() and includes[:1] != [own.relative_to(root / "src").as_posix()]:
            problems.append(f"{where}: include its own header {own.name} first")
    return problems


def check(root):
    layers = read_layers(root)
    problems = []
    if not layers:
        problems.append("src/README.md: no table of folders found")
    for folder in sorted(p.name for p in (root / "src").iterdir() if p.is_dir()):
        if folder in layers:
            problems += check_folder(root, folder, layers)
        else:
            problems.append(f"src/{folder}: not in the table of src/README.md")
    for header in sorted((root / "include").rglob("*.h")):
        for included in includes_of(header):
            if not included.startswith("latentcrs/"):
                problems.append(f'{header.relative_to(root)}: a public header may not include "{included}"')
        for included in SYSTEM_INCLUDE.findall(header.read_text(encoding="utf-8")):
            if not STANDARD_HEADER.fullmatch(included):
                problems.append(f"{header.relative_to(root)}: a public header may not include <{included}>")
    return problems


def self_test():
    table = (
        "| folder | holds | may include |\n|---|---|---|\n| `latentcrs` | p | |\n| `util` | a | |\n"
        "| `model` | b | util |\n| `api` | c | latentcrs, util, model |\n"
    )
    good = {
        "src/README.md": table,
        "src/util/x.cpp": '#include "util/x.h"\n',
        "src/util/x.h": "#include <string>\n",
        "src/model/y.cpp": '#include "model/y.h"\n\n#include "util/x.h"\n',
        "src/model/y.h": "",
        "src/api/z.cpp": '#include "latentcrs/z.h"\n\n#include "model/y.h"\n',
        "include/latentcrs/z.h": '#include <string>\n\n#include "latentcrs/w.h"\n',
    }
    cases = [
        ({}, None),
        ({"src/util/x.cpp": '#include "util/x.h"\n#include "model/y.h"\n'}, "util may not include model"),
        ({"src/util/x.h": '#include "model/y.h"\n'}, "util may not include model"),
        ({"src/util/x.cpp": '#include "x.h"\n'}, "from src/ on"),
        ({"src/model/y.cpp": '#include "util/x.h"\n#include "model/y.h"\n'}, "own header"),
        ({"include/latentcrs/z.h": '#include "util/x.h"\n'}, "public header"),
        ({"include/latentcrs/z.h": "#include <torch/torch.h>\n"}, "public header"),
        ({"include/latentcrs/z.h": "#include <unistd.h>\n"}, "public header"),
        ({"src/model/y.h": '#include "latentcrs/z.h"\n'}, "model may not include latentcrs"),
        ({"src/other/x.cpp": ""}, "not in the table"),
        ({"src/README.md": "no table"}, "no table"),
    ]
    for change, expected in cases:
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name, text in {**good, **change}.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text, encoding="utf-8")
            problems = check(root)
            if expected is None and problems or expected and not any(expected in p for p in problems):
                sys.exit(f"self-test: {change} gave {problems}, expected {expected}")
    print("check_layers: the self-test passed")


def main():
    if sys.argv[1:] == ["--self-test"]:
        self_test()
        return
    problems = check(pathlib.Path(__file__).resolve().parent.parent)
    print("\n".join(problems) or "check_layers: every include points down")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
