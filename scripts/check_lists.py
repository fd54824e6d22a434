#!/usr/bin/env python3
"""Checks the figures of whole lists of `latentcrs evaluate` (coverage, Gini, popularity, novelty, diversity) against RecTools 0.19
and RecBole 1.2.1, whose functions get the exported lists of the test users. It is no part of the tests of every commit.

The definitions are the same but for this: RecTools' own intra-list diversity takes the Hamming distance, so that it gets
SciPy's Jaccard distance here, over the items that have genres; and it counts the users of an item where we count interactions.

usage: scripts/check_lists.py build/release/bin/latentcrs [--config tiny] [--venv FOLDER]    (FOLDER as for check_export.py)
"""
import json
import subprocess
import sys
from pathlib import Path

import check_export

K = 10
SPLIT = "test_seen_left_out"


# --- In the environment of the peers


def read_lists(folder):
    """The lists by row: a frame of user, item, rank and score."""
    import pandas as pd
    from rectools import Columns

    lists = pd.read_csv(Path(folder) / f"lists_{SPLIT}.csv")
    names = {"customer_id": Columns.User, "item": Columns.Item, "place": Columns.Rank, "score": Columns.Score}
    return {row: part.rename(columns=names).drop(columns="row") for row, part in lists.groupby("row")}


def genre_distances(folder):
    """SciPy's Jaccard distances between the items with genres, as RecTools' metric of diversity takes them."""
    import numpy as np
    import pandas as pd
    from rectools.metrics.distances import PairwiseDistanceCalculator
    from scipy.spatial.distance import cdist

    items = pd.read_csv(Path(folder) / "items.csv", dtype=str, keep_default_na=False)
    flags = items["genres"].str.get_dummies("|")
    flags.index = items["item"].astype(int)
    flags = flags[flags.sum(axis=1) > 0]
    distances = pd.DataFrame(cdist(flags.values, flags.values, "jaccard"), index=flags.index, columns=flags.index)

    class Jaccard(PairwiseDistanceCalculator):
        def _get_distances_for_item_pairs(self, first, second):
            return np.array([distances.at[a, b] if a in distances.index and b in distances.index else np.nan
                             for a, b in zip(first, second)])

    return Jaccard()


def by_rectools(lists, training, folder):
    from rectools.metrics import AvgRecPopularity, CatalogCoverage, IntraListDiversity, MeanInvUserFreq

    catalog = sorted(set(training["item_id"]) | set(lists["item_id"]) | set(all_items(folder)))
    return {
        "coverage": CatalogCoverage(k=K, normalize=True).calc(lists, catalog),
        "popularity": AvgRecPopularity(k=K, normalize=False).calc(lists, training),
        "novelty": MeanInvUserFreq(k=K).calc(lists, training),
        "genre_diversity": IntraListDiversity(k=K, distance_calculator=genre_distances(folder)).calc(lists),
    }


def all_items(folder):
    import pandas as pd

    return pd.read_csv(Path(folder) / "items.csv")["item"]


def by_recbole(lists, training, folder):
    import numpy as np
    from recbole.evaluator.metrics import AveragePopularity, GiniIndex, ItemCoverage

    matrix = np.stack(lists.sort_values("rank").groupby("user_id")["item_id"].apply(np.array).tolist())
    items = len(all_items(folder))
    counts = training["item_id"].value_counts().to_dict()
    return {
        "coverage": ItemCoverage.get_coverage(None, matrix, items),
        "gini": GiniIndex.get_gini(None, matrix, items),
        "popularity": float(np.mean(AveragePopularity.get_pop(None, matrix, counts))),
    }


def figures_of_peers(folder):
    import importlib.util

    import pandas as pd
    from rectools import Columns

    rows = pd.read_csv(Path(folder) / "interactions.csv")
    training = rows[rows["part"] == "train"].rename(columns={"user": Columns.User, "item": Columns.Item})
    training = training.assign(**{Columns.Weight: 1, Columns.Datetime: 0})
    peers = {"RecTools": by_rectools}
    if importlib.util.find_spec("recbole"):
        peers["RecBole"] = by_recbole
    return {row: {peer: {name: float(value) for name, value in figures(lists, training, folder).items()}
                  for peer, figures in peers.items()}
            for row, lists in read_lists(folder).items()}


# --- Here


def check(arguments, work):
    python = check_export.environment(arguments.venv or work / "environment")
    run = ["-c", arguments.config, f"output_dir={work / 'run'}", f"evaluate.list_metrics_at={K}"]
    subprocess.run([arguments.latentcrs, "run", "-q", *run, "evaluate.multi_turn=false"], check=True, stdout=subprocess.DEVNULL)
    subprocess.run([arguments.latentcrs, "export", *run, "--to", "csv", "--out", str(work / "csv")], check=True, stdout=subprocess.DEVNULL)
    answer = subprocess.run([python, __file__, "--peer", str(work / "csv")], check=True, stdout=subprocess.PIPE, text=True, cwd=work).stdout
    theirs = json.loads(answer.splitlines()[-1])
    ours = json.loads((work / "run" / "evaluate" / "lists.json").read_text())[SPLIT]
    failed = set(theirs) != set(ours)
    for row, peers in theirs.items():
        for peer, figures in peers.items():
            for name, value in figures.items():
                same = abs(value - ours[row][name]) <= 1e-6 * max(1, abs(value))
                failed = failed or not same
                print(f"{row}, {name}: {ours[row][name]:.6f}, {peer} {value:.6f}{'' if same else '  DIFFERENT'}")
    return failed


def main():
    if sys.argv[1:2] == ["--peer"]:
        print("\n" + json.dumps(figures_of_peers(sys.argv[2])))
        return 0
    return check_export.check_as_asked(check, __doc__)


if __name__ == "__main__":
    sys.exit(main())
