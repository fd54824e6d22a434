#!/usr/bin/env python3
"""SASRec of latentcrs, RecTools (SASRecModel, and FlatSASRecNet of rectools.fast_transformers) and RecBole on the same data: seconds an
epoch, seconds to rank the test, peak memory, and HIT@10 after the same time of training.

  python3 -m venv env && env/bin/pip install -r bench/peers_requirements.txt
  latentcrs preprocess -c ml1m && latentcrs export -c ml1m --to rectools --only-data --out FOLDER/rectools
  latentcrs export -c ml1m --to recbole --only-data --out FOLDER/recbole
  env/bin/python bench/peers.py -c ml1m --data FOLDER --seconds 60

All have the same sizes, the softmax over all items as loss (RecBole: CE over the examples that it makes of every prefix), two threads,
and batches of 256. They train on the items of training, and read those and the item of validation before they rank the item of the
test; what a user had is left out. Each writes the first ten items of every user, and one function scores them all. Ours come from its
weights in eager_pretrain.py's encoder, and its own figure stands beside. Each side is a process of its own, one after the other."""
import argparse
import csv
import datetime
import itertools
import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

TOP, BATCH = 10, 256
WIDTH, HEADS = 64, 2  # those of eager_pretrain.py, whose encoder takes our weights
PEERS = ["latentcrs", "rectools", "rectools-flat", "recbole"]


class Data:
    """interactions.csv of `latentcrs export --to rectools`: the items of every user, in order, and the target of the test."""

    def __init__(self, folder):
        self.rows = {"train": [], "valid": [], "test": []}
        with open(folder / "rectools" / "interactions.csv", encoding="utf-8") as lines:
            for row in csv.DictReader(lines):
                self.rows[row["part"]].append((int(row["user_id"]), int(row["item_id"]), row["datetime"]))
        self.training, self.before_test = {}, {}
        for part in ("train", "valid"):
            for user, item, _ in self.rows[part]:
                self.before_test.setdefault(user, []).append(item)
                if part == "train":
                    self.training.setdefault(user, []).append(item)
        self.targets = {user: item for user, item, _ in self.rows["test"]}
        self.users = sorted(self.targets)
        self.last_item = max(item for rows in self.rows.values() for _, item, _ in rows)

    def histories(self, length):
        """[U, length] items before the target of the test, padded with 0 on the left."""
        import numpy
        ids = numpy.zeros((len(self.users), length), numpy.int64)
        for row, user in enumerate(self.users):
            items = self.before_test[user][-length:]
            ids[row, length - len(items):] = items
        return ids


def hit_rate(lists, targets):
    """The share of users whose target is among the first ten items: the one score of all sides."""
    return sum(targets[user] in lists[user][:TOP] for user in targets) / len(targets)


def first_items(data, scores_of, candidates):
    """{user: first items}. scores_of(begin, end) gives [n, columns] for some of data.users; `candidates` are columns."""
    import numpy
    import torch
    lists = {}
    others = numpy.setdiff1d(numpy.arange(data.last_item + 1), candidates)
    for begin in range(0, len(data.users), 512):
        users = data.users[begin:begin + 512]
        scores = scores_of(begin, begin + len(users))
        scores[:, others] = -torch.inf
        for row, user in enumerate(users):
            scores[row, data.before_test[user]] = -torch.inf
        best = scores.topk(TOP, dim=1).indices.tolist()
        lists.update(zip(users, best))
    return lists


class Clock:
    """Counts batches until the time for training is over."""

    def __init__(self, seconds):
        self.begin, self.seconds, self.batches = time.monotonic(), seconds, 0

    def goes_on(self):
        self.batches += 1
        return time.monotonic() - self.begin < self.seconds

    def epoch_seconds(self, batches_of_an_epoch):
        return (time.monotonic() - self.begin) / self.batches * batches_of_an_epoch


def train(model, clock, rate, batches, loss_of):
    """Adam over batches(), again and again, until the time is over."""
    import torch
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    while True:
        for batch in batches():
            loss = loss_of(batch)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if not clock.goes_on():
                return


def known_items(data):
    return sorted({item for rows in data.rows.values() for _, item, _ in rows})


# ---- the sides: each returns lists, seconds an epoch, seconds to rank, and notes

def run_flat(data, options):
    import torch
    from rectools.fast_transformers import FlatSASRecNet, build_sequences
    torch.backends.mha.set_fastpath_enabled(False)  # it gives NaN for padded histories
    users, items = (torch.tensor([row[i] for row in data.rows["train"]]) for i in (0, 1))
    x, y, known, _ = build_sequences(users, items, torch.arange(len(users)), options.length)
    net = FlatSASRecNet(len(known), WIDTH, options.layers, HEADS, options.length, options.dropout)
    clock, batches = Clock(options.seconds), -(-len(x) // BATCH)

    def loss_of(rows):
        logits = net({"x": x[rows], "y": y[rows]})
        return torch.nn.functional.cross_entropy(logits.view(-1, len(known)), y[rows].view(-1) - 1, ignore_index=-1)

    train(net, clock, options.rate, lambda: torch.randperm(len(x)).split(BATCH), loss_of)
    epoch, begin = clock.epoch_seconds(batches), time.monotonic()
    inner = torch.zeros(data.last_item + 1, dtype=torch.long)
    inner[known] = torch.arange(1, len(known) + 1)
    ids = inner[torch.from_numpy(data.histories(options.length))]
    net.eval()
    with torch.no_grad():
        table = torch.zeros(data.last_item + 1, WIDTH)
        table[known] = net.all_item_embeddings()
        lists = first_items(data, lambda first, last: net.encode_last(ids[first:last]) @ table.T, known.numpy())
    return lists, epoch, time.monotonic() - begin, ""


def run_rectools(data, options):
    import pandas
    import pytorch_lightning
    from rectools.dataset import Dataset
    from rectools.models import SASRecModel
    clock = Clock(options.seconds)

    class Stop(pytorch_lightning.Callback):
        def on_train_start(self, trainer, module):
            clock.begin = time.monotonic()

        def on_train_batch_end(self, trainer, module, outputs, batch, batch_index):
            trainer.should_stop = not clock.goes_on()

    def table(parts):
        rows = [row for part in parts for row in data.rows[part]]
        frame = pandas.DataFrame(rows, columns=["user_id", "item_id", "datetime"])
        return Dataset.construct(frame.assign(weight=1.0, datetime=pandas.to_datetime(frame["datetime"])))

    model = SASRecModel(n_blocks=options.layers, n_heads=HEADS, n_factors=WIDTH, dropout_rate=options.dropout,
                        session_max_len=options.length, loss="softmax", lr=options.rate, batch_size=BATCH,
                        get_trainer_func=lambda: pytorch_lightning.Trainer(
                            max_epochs=100_000, min_epochs=0, accelerator="cpu", callbacks=[Stop()], logger=False,
                            enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False))
    model.fit(table(["train"]))
    epoch, begin = clock.epoch_seconds(-(-sum(len(items) > 1 for items in data.training.values()) // BATCH)), time.monotonic()
    found = model.recommend(users=data.users, dataset=table(["train", "valid"]), k=TOP, filter_viewed=True)
    lists = {user: [] for user in data.users}
    for user, item in zip(found["user_id"], found["item_id"]):
        lists[user].append(item)
    return lists, epoch, time.monotonic() - begin, ""


def run_recbole(data, options):
    import numpy
    import torch
    from recbole.config import Config
    from recbole.data import create_dataset, data_preparation
    from recbole.data.interaction import Interaction
    from recbole.model.sequential_recommender import SASRec
    name = next((options.data / "recbole").iterdir()).name
    config = Config(model="SASRec", dataset=name, config_file_list=[str(options.data / "recbole" / name / f"{name}.yaml")], config_dict={
        "data_path": str(options.data / "recbole"), "train_neg_sample_args": None, "loss_type": "CE", "use_gpu": False, "show_progress": False,
        "train_batch_size": BATCH, "hidden_size": WIDTH, "inner_size": 4 * WIDTH, "n_layers": options.layers,
        "n_heads": HEADS, "hidden_dropout_prob": options.dropout, "attn_dropout_prob": options.dropout,
        "MAX_ITEM_LIST_LENGTH": options.length, "learning_rate": options.rate, "state": "ERROR"})
    dataset = create_dataset(config)
    batches, _, _ = data_preparation(config, dataset)
    model = SASRec(config, batches.dataset)
    clock = Clock(options.seconds)
    train(model, clock, options.rate, lambda: batches, model.calculate_loss)
    epoch, begin = clock.epoch_seconds(len(batches)), time.monotonic()
    known = numpy.array(known_items(data))
    inner = torch.zeros(data.last_item + 1, dtype=torch.long)
    inner[known] = torch.tensor([dataset.token2id("item_id", str(item)) for item in known])
    ids = torch.zeros(len(data.users), options.length, dtype=torch.long)
    lengths = torch.tensor([min(len(data.before_test[user]), options.length) for user in data.users])
    for row, user in enumerate(data.users):  # RecBole pads on the right
        ids[row, :lengths[row]] = inner[data.before_test[user][-options.length:]]
    model.eval()

    def scores_of(first, last):
        scores = torch.full((last - first, data.last_item + 1), -torch.inf)
        asked = Interaction({"item_id_list": ids[first:last], "item_length": lengths[first:last]})
        scores[:, known] = model.full_sort_predict(asked).view(last - first, -1)[:, inner[known]]
        return scores

    with torch.no_grad():
        lists = first_items(data, scores_of, known)
    return lists, epoch, time.monotonic() - begin, f"{len(batches)} batches an epoch"


def our_settings(options, epochs, folder):
    return [f"output_dir={folder}", f"pretrain.epochs={epochs}", "pretrain.loss=softmax", "pretrain.contrast_type=none",
            f"pretrain.batch_size={BATCH}", f"pretrain.lr={options.rate}", f"pretrain.eval_every={epochs}", f"threads={options.threads}",
            f"pretrain.encoder.hidden_size={WIDTH}", f"pretrain.encoder.num_hidden_layers={options.layers}",
            f"pretrain.encoder.num_attention_heads={HEADS}", f"pretrain.encoder.max_seq_length={options.length}",
            f"pretrain.encoder.hidden_dropout_prob={options.dropout}", f"pretrain.encoder.attention_probs_dropout_prob={options.dropout}",
            "pretrain.num_intent_clusters=[8]", "pretrain.kmeans_nredo=1"]


def seconds_of_a_call(parts, outer, name):
    """Of a part of a profile that lies directly in the part `outer` of the stage."""
    first = next(i for i, part in enumerate(parts) if part["depth"] == 1 and part["name"] == outer) + 1
    inside = itertools.takewhile(lambda part: part["depth"] > 1, parts[first:])
    found = next(part for part in inside if part["depth"] == 2 and part["name"] == name)
    return found["seconds"] / found["calls"]


def run_ours(options, epochs, folder):
    """Trains so many epochs. Returns the seconds of one, the seconds to rank the test, and HIT@10 as the program gives it."""
    settings = our_settings(options, epochs, folder)
    for stage in ("preprocess", "pretrain"):
        command = [options.program, stage, "-c", options.config, "-q", "--profile", *options.set, *settings]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    lines = [json.loads(line) for line in open(folder / "pretrain" / "metrics.jsonl", encoding="utf-8")]
    seconds = [line["seconds"] for line in lines if "losses" in line]
    parts = json.load(open(folder / "profile" / "pretrain" / "profile.json", encoding="utf-8"))["parts"]
    rank = sum(seconds_of_a_call(parts, "results", name) for name in ("states of all users", "ranks"))
    figures = json.load(open(folder / "pretrain" / "next_item.json", encoding="utf-8"))
    return sorted(seconds)[len(seconds) // 2], rank, figures["seen_left_out"]["test"]["HIT@10"]


def our_encoder(file, options):
    import eager_pretrain
    import torch
    names = {"item_embeddings.": "items.", "position_embeddings.": "positions.", "intermediate.dense_1.": "wide.",
             "intermediate.dense_2.": "narrow.", "intermediate.LayerNorm.": "norm.", "attention.LayerNorm.": "norm.", "attention.": ""}
    weights = {}
    for name, value in torch.load(file).items():
        if name.startswith("LayerNorm."):
            name = name.replace("LayerNorm.", "norm.")
        elif name.startswith("item_encoder.layer."):
            layer, rest = name.removeprefix("item_encoder.layer.").split(".", 1)
            part = "attention" if rest.startswith("attention.") else "feed_forward"
            found = next(start for start in names if rest.startswith(start))
            name = f"{part}.{layer}.{names[found]}{rest.removeprefix(found)}"
        else:
            found = next(start for start in names if name.startswith(start))
            name = names[found] + name.removeprefix(found)
        weights[name] = value
    model = eager_pretrain.SasRec(len(weights["items.weight"]), options.length, options.layers)
    model.load_state_dict(weights)
    return model.eval()


def run_latentcrs(data, options):
    import torch
    with tempfile.TemporaryDirectory() as folder:
        first, _, _ = run_ours(options, 1, pathlib.Path(folder) / "first")
        epoch, rank, own = run_ours(options, max(1, round(options.seconds / first)), pathlib.Path(folder) / "run")
        model = our_encoder(next((pathlib.Path(folder) / "run" / "pretrain").glob("ICLRec-*.pt")), options)
    ids = torch.from_numpy(data.histories(options.length))
    table = torch.zeros(data.last_item + 1, WIDTH)
    rows = min(len(table), len(model.items.weight))
    with torch.no_grad():
        table[:rows] = model.items.weight[:rows]
        lists = first_items(data, lambda begin, end: model(ids[begin:end])[:, -1] @ table.T, known_items(data))
    return lists, epoch, rank, f"its own HIT@10: {own:.4f}"


SIDES = {"latentcrs": run_latentcrs, "rectools": run_rectools, "rectools-flat": run_flat, "recbole": run_recbole}


def run_side(options):
    data = Data(options.data)
    if options.only != "latentcrs":
        import torch
        torch.set_num_threads(options.threads)
        torch.manual_seed(1)
    lists, epoch, rank, note = SIDES[options.only](data, options)
    of = resource.RUSAGE_CHILDREN if options.only == "latentcrs" else resource.RUSAGE_SELF
    print(json.dumps({"side": options.only, "epoch": epoch, "rank": rank, "peak": resource.getrusage(of).ru_maxrss / 1024,
                      "hit": hit_rate(lists, data.targets), "note": note}))


def compare(options):
    print(f"load of the machine: {os.getloadavg()[0]:.1f}; {options.seconds:g} s of training, L {options.length}, "
          f"D {WIDTH}, {options.layers} layers, {options.threads} threads\n")
    rows = []
    for name in options.peers.split(","):
        environment = os.environ | {"OMP_NUM_THREADS": str(options.threads), "PYTHONPATH": str(pathlib.Path(__file__).parent)}
        done = subprocess.run([sys.executable, __file__, *sys.argv[1:], "--only", name], env=environment, stdout=subprocess.PIPE, text=True)
        if done.returncode != 0:
            sys.exit(f"{name} failed")
        rows.append(json.loads(done.stdout.strip().splitlines()[-1]))
        print(f"{datetime.datetime.now():%H:%M:%S} {rows[-1]}", file=sys.stderr)
    print("| | seconds an epoch | over ours | full ranking, s | over ours | peak MB | HIT@10 | |\n|---|---:|---:|---:|---:|---:|---:|---|")
    for row in rows:
        print(f"| {row['side']} | {row['epoch']:.2f} | {row['epoch'] / rows[0]['epoch']:.1f} | {row['rank']:.2f} | "
              f"{row['rank'] / rows[0]['rank']:.1f} | {row['peak']:.0f} | {row['hit']:.4f} | {row['note']} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-c", "--config", required=True)
    parser.add_argument("--data", type=pathlib.Path, required=True, help="folder with the exports rectools/ and recbole/")
    parser.add_argument("--set", nargs="*", default=[], help="settings with which the data were made, key=value")
    parser.add_argument("--program", default="build/release/bin/latentcrs")
    parser.add_argument("--seconds", type=float, default=60, help="of training")
    parser.add_argument("--peers", default=",".join(PEERS), help="ours first")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--length", type=int, default=50)
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--dropout", type=float, default=0.2)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--only", choices=PEERS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only:
        run_side(options)
    else:
        compare(options)


if __name__ == "__main__":
    main()
