#!/usr/bin/env python3
"""Checks that RecBole 1.2.1 and RecTools 0.19 read what `latentcrs export` writes as the same dataset: the same users and items,
and the same targets of validation and test. It installs both from PyPI into an environment of its own (a few GB with PyTorch),
which --venv keeps for the next time. It is no part of the tests of every commit.

usage: scripts/check_export.py build/release/bin/latentcrs [--config tiny] [--venv FOLDER]
"""
import argparse
import json
import subprocess
import sys
import tempfile
import venv
from collections import defaultdict
from pathlib import Path

REQUIREMENTS = ["recbole==1.2.1", "rectools==0.19.0", "numpy<2", "pandas<2.3", "torch<2.6"]
SPLITS = {
    "leave-one-out": [],
    "leave-last-2": ["datasets.split.by=leave_last", "datasets.split.valid_items=1", "datasets.split.test_items=2"],
}


# --- In the environment of the peers: each function returns {"users", "items", "valid", "test"}, the targets by user in order.


def read_with_recbole(folder, name, _):
    from recbole.config import Config
    from recbole.data import create_dataset

    folder = Path(folder)
    config = Config(
        model="SASRec",
        dataset=name,
        config_file_list=[str(folder / name / f"{name}.yaml")],
        config_dict={"data_path": str(folder), "train_neg_sample_args": None, "show_progress": False, "use_gpu": False,
                     "checkpoint_dir": str(folder / "saved")},
    )
    dataset = create_dataset(config)
    _, valid, test = dataset.build()

    def targets(part):
        by_user = defaultdict(list)
        users = part.id2token("user_id", part.inter_feat["user_id"].numpy())
        items = part.id2token("item_id", part.inter_feat["item_id"].numpy())
        lengths = part.inter_feat["item_length"].numpy()
        for user, item, length in zip(users, items, lengths):
            by_user[str(user)].append((int(length), str(item)))
        return {user: [item for _, item in sorted(rows, key=lambda row: row[0])] for user, rows in by_user.items()}

    def tokens(field):
        return sorted(str(token) for token in dataset.field2id_token[field] if token != "[PAD]")

    return {"users": tokens("user_id"), "items": tokens("item_id"), "valid": targets(valid), "test": targets(test)}


def read_with_rectools(folder, _, test_items):
    import pandas as pd
    from rectools.dataset import Dataset, Interactions
    from rectools.model_selection import LastNSplitter

    frame = pd.read_csv(Path(folder) / "interactions.csv", parse_dates=["datetime"])
    dataset = Dataset.construct(frame)

    def last(rows, count):
        """Places of the last `count` rows of each user."""
        splitter = LastNSplitter(n=count, n_splits=1, filter_cold_users=False, filter_cold_items=False,
                                 filter_already_seen=False)
        ((_, places, _),) = splitter.split(Interactions(rows))
        return places

    def targets(rows):
        rows = rows.sort_values(["user_id", "datetime"])
        by_user = defaultdict(list)
        users = dataset.user_id_map.convert_to_external(rows["user_id"].to_numpy())
        items = dataset.item_id_map.convert_to_external(rows["item_id"].to_numpy())
        for user, item in zip(users, items):
            by_user[str(user)].append(str(item))
        return by_user

    rows = dataset.interactions.df
    test = last(rows, test_items)
    rest = rows.drop(rows.index[test])
    return {
        "users": sorted(map(str, dataset.user_id_map.external_ids)),
        "items": sorted(map(str, dataset.item_id_map.external_ids)),
        "valid": targets(rest.iloc[last(rest, 1)]),
        "test": targets(rows.iloc[test]),
    }


# --- Here


def read_csv_export(folder):
    import csv

    def rows(name):
        with open(Path(folder) / name, newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    targets = {"valid": defaultdict(list), "test": defaultdict(list)}
    for row in rows("interactions.csv"):
        if row["part"] != "train":
            targets[row["part"]][row["user"]].append(row["item"])
    return {
        "users": sorted(row["user"] for row in rows("users.csv")),
        "items": sorted(row["item"] for row in rows("items.csv")),
        **targets,
    }


def environment(folder):
    python = Path(folder) / "bin/python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *REQUIREMENTS], check=True)
    return python


def differences(ours, theirs):
    for what in ("users", "items", "valid", "test"):
        if ours[what] == theirs[what]:
            continue
        if isinstance(ours[what], dict):
            users = [user for user in {*ours[what], *theirs[what]} if ours[what].get(user) != theirs[what].get(user)]
            first = min(users)
            yield f"{what}: {len(users)} users differ, first {first}: {ours[what].get(first)} and {theirs[what].get(first)}"
        else:
            yield f"{what}: {len(ours[what])} and {len(theirs[what])}"


def check(arguments, work):
    python = environment(arguments.venv or work / "environment")
    failed = False
    for split, overrides in SPLITS.items():
        run = [f"output_dir={work / split}", *overrides]
        subprocess.run([arguments.latentcrs, "preprocess", "-q", "-c", arguments.config, *run], check=True, stdout=subprocess.DEVNULL)
        folders = {form: work / f"{split}-{form}" for form in ("csv", "recbole", "rectools")}
        for form, folder in folders.items():
            subprocess.run([arguments.latentcrs, "export", "--only-data", "-c", arguments.config, *run, "--to", form, "--out", str(folder)],
                           check=True, stdout=subprocess.DEVNULL)
        ours = json.loads(json.dumps(read_csv_export(folders["csv"])))
        name = next(folders["recbole"].iterdir()).name
        for peer in ("recbole", "rectools"):
            answer = subprocess.run([python, __file__, "--peer", peer, str(folders[peer]), name, str(len(overrides) and 2 or 1)],
                                    check=True, stdout=subprocess.PIPE, text=True, cwd=work).stdout
            found = list(differences(ours, json.loads(answer.splitlines()[-1])))
            failed = failed or bool(found)
            print(f"{split}, {peer}: " + ("; ".join(found) if found else
                  f"the same {len(ours['users'])} users, {len(ours['items'])} items, "
                  f"{sum(map(len, ours['valid'].values()))} targets of validation and "
                  f"{sum(map(len, ours['test'].values()))} of the test"))
    return failed


def check_as_asked(check, description):
    """Calls check(arguments, folder) for the options of the command line; the exit status is 1 if it returns True."""
    parser = argparse.ArgumentParser(description=description.split("\n\n")[0])
    parser.add_argument("latentcrs", help="the program")
    parser.add_argument("--config", default="tiny")
    parser.add_argument("--venv", help="environment with the peers; made there if it does not exist")
    arguments = parser.parse_args()
    arguments.latentcrs = str(Path(arguments.latentcrs).resolve())
    with tempfile.TemporaryDirectory() as work:
        return 1 if check(arguments, Path(work)) else 0


def main():
    if sys.argv[1:2] == ["--peer"]:
        peer, folder, name, test_items = sys.argv[2:]
        reader = {"recbole": read_with_recbole, "rectools": read_with_rectools}[peer]
        print("\n" + json.dumps(reader(folder, name, int(test_items))))
        return 0
    return check_as_asked(check, __doc__)


if __name__ == "__main__":
    sys.exit(main())
