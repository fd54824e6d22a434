#!/usr/bin/env python3
"""Checks the includes of the source tree; --self-test checks this script.

1. A folder of src/ includes only itself and what src/README.md allows it; there a group stands for all of its folders. That table is
   in dependency order and holds the folders of a group together, so that folders and groups include only those above them. Its first row,
   `latentcrs`, stands for the public headers in include/latentcrs/: they include nothing of src/ and nothing but the standard library,
   and only the folders that name them include them.
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
ROW = re.compile(r"^\| `([\w/]+)` \|[^|]*\|([^|]*)\|$", re.MULTILINE)
GENERATED = ("base/util/tensorboard.pb.h",)


def read_layers(root):
    """Folder ("base/util") -> folders it may include, in the order of the table."""
    layers, folders_of = {}, {}  # folders_of: the name of a folder or of a group -> the folders that it stands for
    last_group = None
    for folder, allowed in ROW.findall((root / "src/README.md").read_text(encoding="utf-8")):
        names = re.findall(r"\w+", allowed)
        above = [name for name in names if name not in folders_of]
        if above:
            sys.exit(f"src/README.md: {folder} may include {', '.join(above)}, which the table does not list above it")
        group, _, name = folder.rpartition("/")
        if name in folders_of or (group in folders_of and group != last_group):
            sys.exit(f"src/README.md: {folder} stands twice, or apart from the folders of its group")
        layers[folder] = {included for each in names for included in folders_of[each]}
        folders_of[name] = [folder]
        if group:
            folders_of.setdefault(group, []).append(folder)
        last_group = group
    return layers


def folder_of(path, layers):
    """The folder of src/ in which a path from src/ on lies; None where there is none."""
    return next((str(parent) for parent in pathlib.PurePosixPath(path).parents if str(parent) in layers), None)


def includes_of(file):
    return INCLUDE.findall(file.read_text(encoding="utf-8"))


def check_file(root, file, folder, layers):
    """The problems of a file of src/<folder>."""
    problems = []
    where = file.relative_to(root)
    includes = includes_of(file)
    for included in includes:
        target = folder_of(included, layers)
        if target not in (None, folder) and target not in layers[folder]:
            problems.append(f'{where}: {folder} may not include {target} ("{included}")')
        elif target is None and included not in GENERATED:
            problems.append(f'{where}: write "{included}" from src/ on, as in "{folder}/{included}"')
    own = file.with_suffix(".h")
    if file.suffix != ".h" and own.exists() and includes[:1] != [own.relative_to(root / "src").as_posix()]:
        problems.append(f"{where}: include its own header {own.name} first")
    return problems


def check(root):
    layers = read_layers(root)
    problems = []
    if not layers:
        problems.append("src/README.md: no table of folders found")
    for file in sorted((root / "src").rglob("*")):
        if file.suffix in (".h", ".cpp", ".cu"):
            folder = folder_of(file.relative_to(root / "src"), layers)
            problems += check_file(root, file, folder, layers) if folder else [f"{file.relative_to(root)}: not in the table of src/README.md"]
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
        "| folder | holds | may include |\n|---|---|---|\n| `latentcrs` | p | |\n| `base/util` | a | |\n"
        "| `learn/model` | b | util |\n| `learn/train` | t | base, model |\n| `api` | c | latentcrs, util, learn |\n"
    )
    good = {
        "src/README.md": table,
        "src/base/util/x.cpp": '#include "base/util/x.h"\n',
        "src/base/util/x.h": "#include <string>\n",
        "src/learn/model/y.cpp": '#include "learn/model/y.h"\n\n#include "base/util/x.h"\n',
        "src/learn/model/y.h": "",
        "src/learn/train/t.cpp": '#include "base/util/x.h"\n#include "learn/model/y.h"\n',
        "src/api/z.cpp": '#include "latentcrs/z.h"\n\n#include "learn/model/y.h"\n',
        "src/api/core/w.cpp": '#include "api/z.h"\n\n#include "learn/train/t.h"\n',
        "include/latentcrs/z.h": '#include <string>\n\n#include "latentcrs/w.h"\n',
    }
    cases = [
        ({}, None),
        ({"src/base/util/x.cpp": '#include "base/util/x.h"\n#include "learn/model/y.h"\n'}, "base/util may not include learn/model"),
        ({"src/base/util/x.h": '#include "learn/model/y.h"\n'}, "base/util may not include learn/model"),
        ({"src/learn/model/y.h": '#include "learn/train/t.h"\n'}, "learn/model may not include learn/train"),
        ({"src/base/util/x.cpp": '#include "x.h"\n'}, "from src/ on"),
        ({"src/learn/model/y.cpp": '#include "base/util/x.h"\n#include "learn/model/y.h"\n'}, "own header"),
        ({"include/latentcrs/z.h": '#include "base/util/x.h"\n'}, "public header"),
        ({"include/latentcrs/z.h": "#include <torch/torch.h>\n"}, "public header"),
        ({"include/latentcrs/z.h": "#include <unistd.h>\n"}, "public header"),
        ({"src/learn/model/y.h": '#include "latentcrs/z.h"\n'}, "learn/model may not include latentcrs"),
        ({"src/base/other/x.cpp": ""}, "not in the table"),
        ({"src/other/x.cpp": ""}, "not in the table"),
        ({"src/README.md": "no table"}, "no table"),
        ({"src/README.md": table + "| `base/late` | d | api |\n"}, "apart from the folders of its group"),
        ({"src/README.md": table.replace("| b | util |", "| b | util, train |")}, "does not list above it"),
    ]
    for change, expected in cases:
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name, text in {**good, **change}.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text, encoding="utf-8")
            try:
                problems = check(root)
            except SystemExit as refused:
                problems = [str(refused)]
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
