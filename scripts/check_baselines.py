#!/usr/bin/env python3
"""Checks the rows ItemKNN and EASE of `latentcrs evaluate` against RecTools 0.19 and implicit's cosine neighbours: both are fitted on
the training part of the exported split, and the rank of every test target is compared. It is no part of the tests of every commit.

usage: scripts/check_baselines.py build/release/bin/latentcrs [--config tiny] [--venv FOLDER]    (FOLDER as for check_export.py)
"""
import json
import subprocess
import sys
from pathlib import Path

import check_export

EASE_WEIGHT = 500.0


# --- In the environment of the peers


def scores_of_peers(training, histories):
    """Scores [users, items] of both baselines for 0/1 matrices of users and items."""
    import numpy as np
    import scipy.sparse as sparse
    from implicit.nearest_neighbours import CosineRecommender
    from rectools.models import EASEModel

    cosine = CosineRecommender(K=training.shape[1])
    cosine.fit(sparse.csr_matrix(training, dtype=np.float64), show_progress=False)
    similarity = cosine.similarity.toarray()
    np.fill_diagonal(similarity, 0)  # an item is no neighbour of its own

    import pandas as pd
    from rectools import Columns
    from rectools.dataset import Dataset

    users, items = np.nonzero(training)
    frame = pd.DataFrame({Columns.User: users, Columns.Item: items, Columns.Weight: 1.0, Columns.Datetime: pd.Timestamp("2020-01-01")})
    dataset = Dataset.construct(frame)
    ease = EASEModel(regularization=EASE_WEIGHT)
    ease.fit(dataset)
    order = dataset.item_id_map.convert_to_internal(np.arange(training.shape[1]))
    weight = ease.weight[np.ix_(order, order)]
    return {"item cosine": histories @ similarity, "EASE": histories @ weight}


def ranks_of_peers(folder):
    import numpy as np
    import pandas as pd

    rows = pd.read_csv(Path(folder) / "interactions.csv", dtype={"user": str})
    users, items = pd.factorize(rows["user"])[0], pd.factorize(rows["item"], sort=True)[0]
    training = np.zeros((users.max() + 1, items.max() + 1))
    histories = training.copy()
    training[users[rows["part"] == "train"], items[rows["part"] == "train"]] = 1
    histories[users[rows["part"] != "test"], items[rows["part"] != "test"]] = 1
    test = rows[rows["part"] == "test"]
    answer = {}
    for name, scores in scores_of_peers(training, histories).items():
        scores = np.where(histories > 0, -np.inf, scores)
        ranks = {}
        for user, item, number in zip(test["user"], items[test.index], users[test.index]):
            own = scores[number, item]
            if np.isfinite(own):  # a target that the user had before is no candidate here
                # Sums in other orders differ in their last bits, which may exchange neighbours.
                better, equal = (scores[number] > own + 1e-6).sum(), (scores[number] >= own - 1e-6).sum()
                ranks[user] = [int(better) + 1, int(equal)]
        answer[name] = ranks
    return answer


# --- Here


def our_ranks(folder):
    import csv

    with open(Path(folder) / "ranks_test_seen_left_out.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {name: {row["customer_id"].split("_")[0]: int(row[name]) for row in rows} for name in ("item cosine", "EASE")}


def check(arguments, work):
    python = check_export.environment(arguments.venv or work / "environment")
    run = ["-c", arguments.config, f"output_dir={work / 'run'}"]
    subprocess.run([arguments.latentcrs, "run", "-q", *run, "evaluate.multi_turn=false", "evaluate.baselines=[item_cosine,ease]",
                    f"evaluate.ease_weight={EASE_WEIGHT}"], check=True, stdout=subprocess.DEVNULL)
    subprocess.run([arguments.latentcrs, "export", *run, "--to", "csv", "--out", str(work / "csv")], check=True, stdout=subprocess.DEVNULL)
    answer = subprocess.run([python, __file__, "--peer", str(work / "csv")], check=True, stdout=subprocess.PIPE, text=True, cwd=work).stdout
    theirs, failed = json.loads(answer.splitlines()[-1]), False
    for name, ours in our_ranks(work / "csv").items():
        other = [user for user, (best, worst) in theirs[name].items() if not best <= ours[user] <= worst]
        failed = failed or bool(other)
        print(f"{name}: {len(theirs[name]) - len(other)} of {len(theirs[name])} ranks are the peers'" +
              (f"; the first other one is user {other[0]}'s: {ours[other[0]]} and {theirs[name][other[0]]}" if other else ""))
    return failed


def main():
    if sys.argv[1:2] == ["--peer"]:
        print("\n" + json.dumps(ranks_of_peers(sys.argv[2])))
        return 0
    return check_export.check_as_asked(check, __doc__)


if __name__ == "__main__":
    sys.exit(main())
