#!/usr/bin/env python3
"""Checks the includes of the source tree; --self-test checks this script.

1. A folder of src/ and include/latentcrs/ includes only itself and the folders that src/README.md allows it; that table
   is in dependency order, so it allows only folders above.
2. A source includes its own header first, so that every header is known to compile alone.
3. Every public header is the first include of some source or test, or lies in a folder without LibTorch, whose headers
   the CMake test `headers` compiles one by one.
"""
import pathlib
import re
import sys
import tempfile

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)
ROW = re.compile(r"^\| `(\w+)` \|[^|]*\|([^|]*)\|", re.MULTILINE)
WITHOUT_LIBTORCH = ("util", "config", "data", "text", "remote", "report", "cli")


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
    """Layer of an include path as written; None for one of the same folder."""
    parts = pathlib.PurePosixPath(path).parts
    if parts[0] == "latentcrs":
        parts = parts[1:]
    return parts[0] if len(parts) > 1 and parts[0] in layers else None


def includes_of(file):
    return INCLUDE.findall(file.read_text(encoding="utf-8"))


def own_header(root, folder, source):
    """How `source` may spell the include of its own header; empty if it has none."""
    name = source.stem + ".h"
    if (root / "include/latentcrs" / folder / name).exists():
        return [f"latentcrs/{folder}/{name}"]
    if (root / "src" / folder / name).exists():
        return [name, f"{folder}/{name}"]
    return []


def check(root):
    layers = read_layers(root)
    problems = []
    if not layers:
        problems.append("src/README.md: no table of folders found")
    first_includes = set()
    for top in ("src", "include/latentcrs"):
        for folder in sorted(p.name for p in (root / top).iterdir() if p.is_dir()):
            if folder not in layers:
                problems.append(f"{top}/{folder}: not in the table of src/README.md")
                continue
            for file in sorted((root / top / folder).rglob("*")):
                if file.suffix not in (".h", ".cpp", ".cu"):
                    continue
                where = file.relative_to(root)
                includes = includes_of(file)
                for included in includes:
                    target = folder_of_include(included, layers)
                    if target not in (None, folder) and target not in layers[folder]:
                        problems.append(f'{where}: {folder} may not include {target} ("{included}")')
                if file.suffix == ".h":
                    continue
                first_includes.update(includes[:1])
                own = own_header(root, folder, file)
                if own and (not includes or includes[0] not in own):
                    problems.append(f"{where}: include its own header {own[0]} first")
    for test in (root / "tests").rglob("*.cpp"):
        first_includes.update(includes_of(test)[:1])
    for header in sorted((root / "include/latentcrs").rglob("*.h")):
        name = header.relative_to(root / "include").as_posix()
        if header.parent.name not in WITHOUT_LIBTORCH and name not in first_includes:
            problems.append(f"include/{name}: no source or test includes it first, so nothing shows that it compiles alone")
    return problems


def self_test():
    table = "| folder | holds | may include |\n|---|---|---|\n| `util` | a | |\n| `model` | b | util |\n"
    good = {
        "src/README.md": table,
        "src/util/x.cpp": '#include "latentcrs/util/x.h"\n',
        "include/latentcrs/util/x.h": "#include <string>\n",
        "src/model/y.cpp": '#include "latentcrs/model/y.h"\n#include "latentcrs/util/x.h"\n#include "util/private.h"\n',
        "src/util/private.h": "",
        "include/latentcrs/model/y.h": "",
        "tests/model/z_test.cpp": "",
    }
    cases = [
        ({}, None),
        ({"src/util/x.cpp": '#include "latentcrs/util/x.h"\n#include "latentcrs/model/y.h"\n'}, "util may not include model"),
        ({"include/latentcrs/util/x.h": '#include "latentcrs/model/y.h"\n'}, "util may not include model"),
        ({"src/util/x.cpp": '#include "latentcrs/util/x.h"\n#include "model/private.h"\n'}, "util may not include model"),
        ({"src/model/y.cpp": '#include "latentcrs/util/x.h"\n#include "latentcrs/model/y.h"\n'}, "own header"),
        ({"include/latentcrs/model/alone.h": ""}, "compiles alone"),
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
