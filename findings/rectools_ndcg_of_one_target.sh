#!/usr/bin/env bash
# RecTools 0.19.0: a perfect list has an NDCG@10 of 0.22.
#
# With leave-one-out each user has one relevant item. Ranked first, it should give NDCG@k = 1, as it does in scikit-learn and in the
# papers on sequential recommendation, because the best list that exists is divided by. RecTools' `NDCG(k)` divides by the gain of k
# relevant items instead, whatever the user has: 1 / (1/log2(2) + … + 1/log2(11)) = 0.2201 for k = 10, and the larger k is, the lower
# the figure for the same list. Its other metrics (MRR, MAP, Recall, HitRate) give 1. `divide_by_achievable=True` gives the usual figure.
# So two evaluations of the same lists differ by a factor of 4.54, and NDCG@5 may exceed NDCG@10, which cannot happen with one
# target in the usual definition.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet rectools==0.19.0 scikit-learn==1.7.2
"$folder/env/bin/python" - << 'PYTHON'
import math
import numpy
import pandas
import rectools
import sklearn
from rectools.metrics import MAP, MRR, NDCG, HitRate, Recall
from sklearn.metrics import ndcg_score

print(f"RecTools {rectools.VERSION}, scikit-learn {sklearn.__version__}")
places = range(1, 21)
lists = pandas.DataFrame({"user_id": 1, "item_id": [100 + place for place in places], "rank": places})


def target_at(place):
    return pandas.DataFrame({"user_id": [1], "item_id": [100 + place]})


def of_sklearn(place, k):
    truth = [[float(other == place) for other in places]]
    return ndcg_score(truth, [[-float(other) for other in places]], k=k)


print("place of the target   k   scikit-learn   RecTools   RecTools, divide_by_achievable=True")
for place in (1, 2, 5):
    for k in (5, 10, 20):
        usual, theirs, achievable = (of_sklearn(place, k), NDCG(k=k).calc(lists, target_at(place)),
                                     NDCG(k=k, divide_by_achievable=True).calc(lists, target_at(place)))
        print(f"{place:19d} {k:3d} {usual:14.4f} {theirs:10.4f} {achievable:14.4f}")
        whole = sum(1 / math.log2(other + 1) for other in range(1, k + 1))
        assert math.isclose(usual, 1 / math.log2(place + 1)) and math.isclose(achievable, usual)
        assert math.isclose(theirs, usual / whole), "RecTools no longer divides by the gain of k relevant items"
for metric in (MRR(k=10), MAP(k=10), Recall(k=10), HitRate(k=10)):
    assert metric.calc(lists, target_at(1)) == 1.0, metric
print("The same list, target first: MRR, MAP, Recall and HitRate are 1, NDCG@10 is 0.2201, NDCG@20 is 0.1420.")
PYTHON
