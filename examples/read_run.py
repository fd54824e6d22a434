#!/usr/bin/env python3
"""Reads a finished run with pandas and NumPy alone, and draws the report's success rate by turn as SVG.

    python3 examples/read_run.py outputs/tiny success.svg

The cells (# %%) also run one by one in VS Code, Spyder or Jupyter. docs/files.md says what each file holds.
"""
# %%
import json
import pathlib
import pickle
import sys
import zipfile

import numpy as np
import pandas as pd

arguments = [] if "ipykernel" in sys.modules else sys.argv[1:]
run = pathlib.Path(arguments[0] if arguments else "outputs/tiny")
picture = pathlib.Path(arguments[1] if len(arguments) > 1 else "success.svg")
dataset = json.loads((run / "preprocess/dataset_report.json").read_text())["dataset_name"]

# %% Scores: the tables of the evaluation, a row a score
tables = json.loads((run / "evaluate/one_turn.json").read_text())
scores = pd.concat({name: pd.DataFrame(rows).T for name, rows in tables.items()}, names=["table", "score"])
print(scores.loc["test_seen_kept", ["HIT@10", "HIT@10_ci95", "NDCG@10", "NDCG@10_ci95", "users"]].round(4), "\n")

# %% Ranks: where the target stands for every user under every score, 0 for a miss. Every metric follows from them.
ranks = pd.read_csv(run / "evaluate/ranks_test_seen_kept.tsv", sep="\t", index_col="customer_id")
ranked_by = [column for column in ranks.columns if column not in ("target", "leaked")]


def ndcg(rank: pd.DataFrame, k: int) -> pd.DataFrame:
    """NDCG@k of each user, who has one target: 1 / log2(1 + rank) at the first k ranks, else 0."""
    hit = (rank >= 1) & (rank <= k)
    return (1 / np.log2(1 + rank.where(hit, 1))).where(hit, 0.0)


ndcg_by_user = ndcg(ranks[ranked_by], 10)
assert np.allclose(ndcg_by_user.mean(), scores.loc["test_seen_kept", "NDCG@10"][ranked_by].astype(float))

# %% What the words gain over the history alone, by the length of the history
sequences = [line.split("\t") for line in (run / f"preprocess/{dataset}.csv").read_text().splitlines()]
history = pd.Series({user: len(items.split()) - 1 for user, items in sequences})  # all items but the target
gain = (ndcg_by_user["with text"] - ndcg_by_user["sequence only"]).rename("gain in NDCG@10")
lengths = pd.Series(history[ranks.index.str.split("_").str[0]].to_numpy(), index=ranks.index, name="items of history")
print(gain.groupby(pd.qcut(lengths, 4, duplicates="drop"), observed=True).agg(["mean", "sem", "size"]).round(4), "\n")


# %% Embeddings and weights: .pt files of PyTorch are a zip archive with a pickle and the numbers
class PtUnpickler(pickle.Unpickler):
    """Reads tensors as arrays. It makes nothing but tensors and ordered dictionaries, so a foreign file can do no harm."""

    TYPES = {"FloatStorage": "<f4", "DoubleStorage": "<f8", "HalfStorage": "<f2", "LongStorage": "<i8"}

    def __init__(self, archive: zipfile.ZipFile, folder: str):
        super().__init__(archive.open(f"{folder}/data.pkl"))
        self._archive, self._folder = archive, folder

    def find_class(self, module, name):
        if (module, name) == ("collections", "OrderedDict"):
            return dict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return self._tensor
        if module == "torch" and name in self.TYPES:
            return self.TYPES[name]
        raise pickle.UnpicklingError(f"{module}.{name} is not expected in a file of tensors")

    def persistent_load(self, key):
        _, kind, name, _, _ = key  # ("storage", type, name, device, number of elements)
        return np.frombuffer(self._archive.read(f"{self._folder}/data/{name}"), dtype=kind)

    @staticmethod
    def _tensor(storage, offset, size, stride, *_):
        return np.lib.stride_tricks.as_strided(storage[offset:], size, [step * storage.itemsize for step in stride])


def read_pt(path: pathlib.Path):
    with zipfile.ZipFile(path) as archive:
        return PtUnpickler(archive, archive.namelist()[0].split("/")[0]).load()


embedded = read_pt(next((run / "embed/embedding_cache").glob("*_test.pt")))
vectors = np.asarray(embedded["embeddings"], dtype=np.float32)  # [users, E]
unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
said = pd.read_json(next((run / "simulate/processed_data").glob("*_seedtest.jsonl")), lines=True, dtype=False)
said = said.set_index("customer_id")["response"]
alike = unit @ unit[0]
alike[0] = -1
print(f"{len(vectors)} utterances as vectors of width {vectors.shape[1]}; closest to\n  {said[embedded['special_id'][0]]}\nis\n"
      f"  {said[embedded['special_id'][int(alike.argmax())]]}\n")

# %% Intents: who has which, and the items that an intent's centre scores highest
encoder = read_pt(run / f"pretrain/ICLRec-{dataset}.pt")
items = encoder["item_embeddings.weight"]  # [V, d], a row an item; row 0 is padding
centers = np.load(run / f"pretrain/ICLRec-{dataset}_clusters/centers.npy")  # [K, d]
features = pd.read_csv(next((run / "preprocess").glob("*_features.csv")), sep="\t", index_col=0)
titles = features[next(column for column in features.columns if column.lower() == "title")]
intents = pd.read_csv(run / "evaluate/intents_test.tsv", sep="\t", index_col="customer_id")
shares = intents[["m (u,x)", "m (u)"]].apply(lambda column: column.value_counts(normalize=True)).fillna(0.0)
print("effective number of intents with and without text:",
      *(f"{np.exp(-(p[p > 0] * np.log(p[p > 0])).sum()):.1f}" for _, p in shares.items()))
known = titles.index.intersection(range(1, len(items)))
for intent in shares["m (u,x)"].nlargest(3).index:
    nearest = known[np.argsort(-(items[known] @ centers[int(intent)]))[:3]]
    print(f"intent {int(intent)}, {shares.loc[intent, 'm (u,x)']:.0%} of the users: {'; '.join(titles[nearest])}")

# %% Dialogues: the share that has succeeded by each turn, with Wilson's 95% intervals as in the report
transcripts = pd.read_json(run / "evaluate/transcripts.jsonl", lines=True, dtype=False)
expected = json.loads((run / "evaluate/multi_turn.json").read_text())["all"]
turns = np.arange(1, len(expected["success_rate"]) + 1)
turn = pd.to_numeric(transcripts["success_turn"]).to_numpy(dtype=float)  # NaN: the dialogue failed
success = (turn[:, None] <= turns).mean(axis=0)


def wilson(share: np.ndarray, n: int, z: float = 1.959963984540054) -> tuple[np.ndarray, np.ndarray]:
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return centre - half, centre + half


low, high = wilson(success, len(turn))
assert np.allclose(success, expected["success_rate"])
assert np.allclose(np.stack([low, high], axis=1), expected["success_rate_ci95"])
print("\n", pd.DataFrame({"SR": success, "low": low, "high": high}, index=pd.Index(turns, name="turn")).round(4), sep="")

# %% The figure, drawn by hand to need no other package
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 260, 50, 16, 16, 36


def x_of(turn: float) -> float:
    return LEFT + (turn - turns[0] + 0.25) / (len(turns) - 0.5) * (WIDTH - LEFT - RIGHT)


def y_of(share: float) -> float:
    return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)


def points(shares: np.ndarray) -> list[str]:
    return [f"{x_of(turn):.1f},{y_of(share):.1f}" for turn, share in zip(turns, shares)]


grid = "".join(f'<path d="M{LEFT} {y_of(share):.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>'
               f'<text x="{LEFT - 8}" y="{y_of(share) + 4:.1f}" text-anchor="end">{share:.2f}</text>'
               for share in (0, 0.25, 0.5, 0.75, 1))
labels = "".join(f'<text x="{x_of(turn):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{turn}</text>' for turn in turns)
dots = "".join(f'<circle cx="{x_of(turn):.1f}" cy="{y_of(share):.1f}" r="3.5" fill="#0072b2">'
               f"<title>turn {turn}: {share:.4f} [{a:.4f}, {b:.4f}]</title></circle>"
               for turn, share, a, b in zip(turns, success, low, high))
picture.write_text(f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"
     font-family="sans-serif" font-size="12">
<title>Success rate by turn, {len(turn)} dialogues, 95% intervals</title>
<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>{grid}{labels}
<text x="{WIDTH - RIGHT}" y="{HEIGHT - 4}" text-anchor="end">turn</text>
<polygon points="{' '.join(points(low) + points(high)[::-1])}" fill="#0072b2" opacity="0.2"/>
<polyline points="{' '.join(points(success))}" fill="none" stroke="#0072b2" stroke-width="2"/>{dots}
</svg>
""")
print(f"\n{picture} shows it.")
