"""A run of the tiny dataset, made once for all tests, and the packages that a test needs."""
from __future__ import annotations

import atexit
import functools
import importlib.util
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ["LATENTCRS_BINARY"]  # set by CTest and by scripts/test_python.sh
sys.path.insert(0, str(SOURCE / "scripts"))


def needs(*packages: str):
    """Skips a test where a package is missing; with LATENTCRS_ALL_PACKAGES it then fails."""
    missing = [name for name in packages if importlib.util.find_spec(name) is None]
    if os.environ.get("LATENTCRS_ALL_PACKAGES"):
        missing = []
    return unittest.skipIf(missing, f"without the Python package {', '.join(missing)}")


beside_ci = unittest.skipUnless(os.environ.get("LATENTCRS_ALL_PACKAGES"), "run by scripts/test_python.sh")


def latentcrs(*arguments: str) -> list[str]:
    return [BINARY, arguments[0], "-c", str(SOURCE / "configs/tiny.yaml"), *arguments[1:]]


def run_settings(folder: pathlib.Path) -> list[str]:
    """A run of a few epochs, whose dialogues and rankings are those of a bad recommender."""
    return [f"output_dir={folder}", f"services.cache={folder}-cache", "pretrain.epochs=4", "epochs=3"]


@functools.lru_cache(maxsize=1)
def finished_run() -> pathlib.Path:
    """A finished run. Do not change it; copied_run() gives one that you may change."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="latentcrs-python-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    subprocess.run(latentcrs("run", "-q", *run_settings(folder / "tiny")), check=True, cwd=folder, stdout=subprocess.DEVNULL)
    return folder / "tiny"


def copied_run(folder: pathlib.Path) -> pathlib.Path:
    return pathlib.Path(shutil.copytree(finished_run(), folder / "tiny"))
