#!/usr/bin/env python3
"""The baseline of pretrain.cpp: ICLRec's pretraining in eager PyTorch, with the structure of the published code.

It has one encoder pass for the next items, then for each pair of views one for the instance contrast and one for the
intent contrast; LayerNorm and GELU composed of elementwise operators; a Dataset that makes one example at a time of
Python lists; evaluation and clustering in eval mode with gradients recorded. It prints one JSON object per phase; times
are in ms. Without faiss k-means is left out, and steps look for the nearest of random centroids with torch.
"""
import argparse
import copy
import json
import math
import random
import statistics
import time

import numpy as np
import torch
from scipy.sparse import csr_matrix
from torch import nn
from torch.utils.data import DataLoader, Dataset, RandomSampler, SequentialSampler

try:
    import faiss
except ImportError:
    faiss = None

# The settings of configs/pretrain for the two datasets; the settings below are common to both.
SETTINGS = {"beauty": {"length": 50, "layers": 1, "views": 2, "clusters": 256},
            "ml-1m": {"length": 200, "layers": 2, "views": 3, "clusters": 512}}
PHASES = ["load", "gemm", "clustering", "kmeans", "step", "evaluation"]
WIDTH, HEADS, DROPOUT, SPREAD = 64, 2, 0.5, 0.02
BATCH, TEMPERATURE, RATE = 256, 1.0, 1e-3  # the batch of a step can be set smaller, where memory is short
CROP, MASK, REORDER = 0.2, 0.7, 0.2
INSTANCE_WEIGHT, INTENT_WEIGHT = 0.1, 0.1
CUTOFFS = [5, 10, 15, 20]


# ---- data

def seen_matrix(sequences, columns):
    """[U, columns], 1 where the user's validation input has the item."""
    rows, items, ones = [], [], []
    for user, sequence in enumerate(sequences):
        for item in sequence[:-2]:
            rows.append(user)
            items.append(item)
            ones.append(1)
    return csr_matrix((np.array(ones), (np.array(rows), np.array(items))), shape=(len(sequences), columns))


def read_sequences(path):
    """Lines `user item item …` or `user TAB item item …` -> lists of items, rows of the item table, seen items."""
    sequences, items = [], set()
    for line in open(path, encoding="utf-8").readlines():
        sequence = [int(item) for item in line.split()[1:]]
        sequences.append(sequence)
        items = items | set(sequence)
    item_size = max(items) + 2
    return sequences, item_size, seen_matrix(sequences, item_size)


def crop(sequence):
    taken = copy.deepcopy(sequence)
    width = int(CROP * len(taken))
    first = random.randint(0, len(taken) - width - 1)
    return taken[first:first + width] if width >= 1 else [taken[first]]


def mask(sequence):
    taken = copy.deepcopy(sequence)
    for position in random.sample(list(range(len(taken))), k=int(MASK * len(taken))):
        taken[position] = 0
    return taken


def reorder(sequence):
    taken = copy.deepcopy(sequence)
    width = int(REORDER * len(taken))
    first = random.randint(0, len(taken) - width - 1)
    window = taken[first:first + width]
    random.shuffle(window)
    return taken[:first] + window + taken[first + width:]


def augment(sequence):
    return random.choice([crop, mask, reorder])(sequence)


class Examples(Dataset):
    """A user an example: (user, inputs, next items, negatives, answer), for training with pairs of views."""

    def __init__(self, sequences, item_size, length, views, split):
        self.sequences, self.item_size, self.length, self.split = sequences, item_size, length, split
        self.pairs = views * (views - 1) // 2

    def __len__(self):
        return len(self.sequences)

    def row(self, items):
        return torch.tensor(([0] * (self.length - len(items)) + items)[-self.length:], dtype=torch.long)

    def negative(self, had):
        item = random.randint(1, self.item_size - 1)
        while item in had:
            item = random.randint(1, self.item_size - 1)
        return item

    def __getitem__(self, user):
        sequence = self.sequences[user]
        cut = 3 if self.split == "train" else 2
        inputs, following = copy.deepcopy(sequence[:-cut]), sequence[1:len(sequence) - cut + 1]
        had = set(sequence)
        negatives = [self.negative(had) for _ in inputs]
        answer = [0] if self.split == "train" else [sequence[-2]]
        example = (torch.tensor(user, dtype=torch.long), self.row(inputs), self.row(following), self.row(negatives),
                   torch.tensor(answer, dtype=torch.long))
        if self.split != "train":
            return example
        views = [[self.row(augment(inputs)) for _ in range(2)] for _ in range(self.pairs)]
        return example, views, torch.tensor(sequence[-2], dtype=torch.long)


# ---- model

class LayerNorm(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.ones(WIDTH)), nn.Parameter(torch.zeros(WIDTH))

    def forward(self, x):
        mean = x.mean(-1, keepdim=True)
        variance = (x - mean).pow(2).mean(-1, keepdim=True)
        return self.weight * ((x - mean) / torch.sqrt(variance + 1e-12)) + self.bias


def gelu(x):
    return x * 0.5 * (1.0 + torch.erf(x / math.sqrt(2.0)))


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.query, self.key, self.value = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, WIDTH)
        self.dense, self.norm = nn.Linear(WIDTH, WIDTH), LayerNorm()
        self.weight_dropout, self.dropout = nn.Dropout(DROPOUT), nn.Dropout(DROPOUT)

    def heads(self, x):
        return x.view(*x.size()[:-1], HEADS, WIDTH // HEADS).permute(0, 2, 1, 3)

    def forward(self, hidden, hide):
        query, key, value = self.heads(self.query(hidden)), self.heads(self.key(hidden)), self.heads(self.value(hidden))
        scores = torch.matmul(query, key.transpose(-1, -2)) / math.sqrt(WIDTH // HEADS) + hide
        weights = self.weight_dropout(nn.Softmax(dim=-1)(scores))
        context = torch.matmul(weights, value).permute(0, 2, 1, 3).contiguous().view(*hidden.size())
        return self.norm(self.dropout(self.dense(context)) + hidden)


class FeedForward(nn.Module):
    def __init__(self):
        super().__init__()
        self.wide, self.narrow = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)
        self.norm, self.dropout = LayerNorm(), nn.Dropout(DROPOUT)

    def forward(self, hidden):
        return self.norm(self.dropout(self.narrow(gelu(self.wide(hidden)))) + hidden)


class SasRec(nn.Module):
    def __init__(self, item_size, length, layers):
        super().__init__()
        self.items = nn.Embedding(item_size, WIDTH, padding_idx=0)
        self.positions = nn.Embedding(length, WIDTH)
        self.norm, self.dropout = LayerNorm(), nn.Dropout(DROPOUT)
        self.attention = nn.ModuleList([Attention() for _ in range(layers)])
        self.feed_forward = nn.ModuleList([FeedForward() for _ in range(layers)])
        for module in self.modules():
            if isinstance(module, (nn.Linear, nn.Embedding)):
                module.weight.data.normal_(mean=0.0, std=SPREAD)
            if isinstance(module, nn.Linear):
                module.bias.data.zero_()

    def forward(self, ids):
        length = ids.size(1)
        past = (torch.triu(torch.ones((1, length, length)), diagonal=1) == 0).unsqueeze(1).long().to(ids.device)
        visible = ((ids > 0).long().unsqueeze(1).unsqueeze(2) * past).to(self.items.weight.dtype)
        hide = (1.0 - visible) * -10000.0
        places = torch.arange(length, dtype=torch.long, device=ids.device).unsqueeze(0).expand_as(ids)
        hidden = self.dropout(self.norm(self.items(ids) + self.positions(places)))
        for attention, feed_forward in zip(self.attention, self.feed_forward):
            hidden = feed_forward(attention(hidden, hide))
        return hidden


# ---- losses

def next_item_loss(model, states, following, negatives):
    states = states.view(-1, WIDTH)
    good = torch.sum(model.items(following).view(-1, WIDTH) * states, -1)
    bad = torch.sum(model.items(negatives).view(-1, WIDTH) * states, -1)
    real = (following > 0).view(-1).float()
    return torch.sum(-torch.log(torch.sigmoid(good) + 1e-24) * real
                     - torch.log(1 - torch.sigmoid(bad) + 1e-24) * real) / torch.sum(real)


def nce(one, two):
    within_one = torch.matmul(one, one.T) / TEMPERATURE
    within_two = torch.matmul(two, two.T) / TEMPERATURE
    between = torch.matmul(one, two.T) / TEMPERATURE
    count = between.shape[-1]
    same = torch.eye(count, dtype=torch.long, device=one.device)
    within_one[same == 1] = float("-inf")
    within_two[same == 1] = float("-inf")
    logits = torch.cat([torch.cat([between, within_one], dim=-1),
                        torch.cat([within_two, between.transpose(-1, -2)], dim=-1)], dim=-2)
    return nn.CrossEntropyLoss()(logits, torch.arange(2 * count, dtype=torch.long, device=one.device))


def instance_contrast(model, pair):
    states = model(torch.cat(pair, dim=0))
    one, two = torch.split(states.view(states.shape[0], -1), len(pair[0]))
    return nce(one, two)


def intent_contrast(model, pair, intents):
    states = torch.mean(model(torch.cat(pair, dim=0)), dim=1)
    one, two = torch.split(states, len(pair[0]))
    return (nce(one, intents) + nce(two, intents)) / 2


# ---- metrics

def hit_rate(answers, predicted, k):
    hits = 0.0
    for answer, items in zip(answers, predicted):
        wanted = set(answer)
        hits += len(wanted & set(items[:k])) / float(len(wanted))
    return hits / len(answers)


def ndcg(answers, predicted, k):
    gain = 0.0
    for answer, items in zip(answers, predicted):
        ideal = sum(1.0 / math.log(i + 2, 2) for i in range(min(k, len(answer))))
        gain += sum(int(items[j] in set(answer)) / math.log(j + 2, 2) for j in range(k)) / ideal
    return gain / len(answers)


# ---- phases

def reset_peak():
    try:
        with open("/proc/self/clear_refs", "w", encoding="ascii") as file:
            file.write("5")
    except OSError:
        pass  # the peak is then that since the start


def peak_mb():
    with open("/proc/self/status", encoding="ascii") as file:
        return next(int(line.split()[1]) // 1024 for line in file if line.startswith("VmHWM"))


def now():
    """Seconds, when all work handed to a GPU is done."""
    if torch.cuda.is_initialized():
        torch.cuda.synchronize()
    return time.monotonic()


def milliseconds(begin):
    return 1000 * (now() - begin)


def to_device(batch, device):
    """A batch of nested tuples and lists of tensors, tensor by tensor."""
    if isinstance(batch, torch.Tensor):
        return batch.to(device)
    return [to_device(part, device) for part in batch]


def device_mb(device):
    return {"device_mb": torch.cuda.max_memory_allocated() // 2**20} if device == "cuda" else {}


class Bench:
    def __init__(self, arguments):
        self.arguments, self.setting = arguments, SETTINGS[arguments.setting]
        self.sequences, self.clusters, self.centers = [], None, None

    def run(self):
        for phase in PHASES:
            if phase != "load" and phase not in self.arguments.phases:
                continue
            if phase == "kmeans" and faiss is None:
                continue
            reset_peak()
            result = getattr(self, phase)()
            if phase in self.arguments.phases:
                print(json.dumps({"side": "eager", "setting": self.arguments.setting, "threads": self.arguments.threads,
                                  "device": self.arguments.device, "phase": phase, **result, "peak_mb": peak_mb(),
                                  **device_mb(self.arguments.device)}), flush=True)

    def load(self):
        begin = now()
        self.sequences, self.item_size, self.seen = read_sequences(self.arguments.data)
        spent = milliseconds(begin)
        length, layers = self.setting["length"], self.setting["layers"]
        self.train, self.valid = [Examples(self.sequences, self.item_size, length, self.setting["views"], split)
                                  for split in ("train", "valid")]
        self.model = SasRec(self.item_size, length, layers).to(self.arguments.device)
        return {"median_ms": spent, "runs": 1, "users": len(self.sequences)}

    def gemm(self):
        """The best rate of square products."""
        rates = []
        for size in (512, 1024, 2048):
            one, two = (torch.randn(size, size, device=self.arguments.device) for _ in range(2))
            for _ in range(max(3, 2 * 10**10 // size**3)):
                begin = now()
                torch.mm(one, two)
                rates.append(2e-6 * size**3 / milliseconds(begin))
        return {"gflops": max(rates), "runs": len(rates)}

    def clustering(self):
        self.model.eval()
        begin, points = now(), []
        for example, _, _ in DataLoader(self.train, sampler=SequentialSampler(self.train), batch_size=BATCH):
            states = torch.mean(self.model(example[1].to(self.arguments.device)), dim=1)
            points.append(states.view(states.shape[0], -1).detach().cpu().numpy())
        self.points = np.concatenate(points, axis=0)
        return {"median_ms": milliseconds(begin), "runs": 1}

    def kmeans(self):
        begin = now()
        self.find_intents(self.points, redo=5)
        return {"median_ms": milliseconds(begin), "runs": 1}

    def find_intents(self, points, redo):
        if faiss is None:
            self.centers = nn.functional.normalize(torch.randn(self.setting["clusters"], WIDTH), p=2, dim=1)
            self.centers = self.centers.to(self.arguments.device)
            return
        self.clusters = faiss.Kmeans(points.shape[1], self.setting["clusters"], niter=20, nredo=redo, seed=1,
                                     max_points_per_centroid=4096, min_points_per_centroid=0)
        self.clusters.train(points)
        centers = torch.Tensor(self.clusters.centroids).to(self.arguments.device)
        self.centers = nn.functional.normalize(centers, p=2, dim=1)

    def intents_of(self, states):
        points = torch.mean(states, dim=1).view(len(states), -1).detach()
        if self.clusters is None:
            return self.centers[torch.cdist(points, self.centers).argmin(dim=1)]
        points = points.cpu().numpy()
        _, found = self.clusters.index.search(points, 1)
        return self.centers[torch.LongTensor([int(row[0]) for row in found])]

    def step(self):
        """Medians over the steps after a first one; what a step costs does not depend on the clusters' quality.

        The times of a smaller batch are scaled up to BATCH users.
        """
        if self.centers is None:
            self.find_intents(np.random.default_rng(1).normal(size=(4096, WIDTH)).astype(np.float32), redo=1)
        self.model.train()
        adam = torch.optim.Adam(self.model.parameters(), lr=RATE, betas=(0.9, 0.999), weight_decay=0.0)
        batches, parts, totals = self.batches(), {"batch": [], "forward": [], "backward": [], "adam": []}, []
        for number in range(self.arguments.steps + 1):
            times = [now()]
            example, views, _ = to_device(next(batches), self.arguments.device)
            times.append(now())
            _, ids, following, negatives, _ = example
            states = self.model(ids)
            next_item = next_item_loss(self.model, states, following, negatives)
            intents, contrasts = self.intents_of(states), []
            for pair in views:
                contrasts.append(INSTANCE_WEIGHT * instance_contrast(self.model, pair))
                contrasts.append(INTENT_WEIGHT * intent_contrast(self.model, pair, intents))
            loss = 1.0 * next_item
            for contrast in contrasts:
                loss += contrast
            times.append(now())
            adam.zero_grad()
            loss.backward()
            times.append(now())
            adam.step()
            _ = [value.item() for value in (next_item, *contrasts, loss)]
            times.append(now())
            if number == 0:
                continue
            totals.append(1000 * (times[-1] - times[0]))
            for part, start, end in zip(parts, times, times[1:]):
                parts[part].append(1000 * (end - start))
        scale = BATCH / self.arguments.batch
        return {"median_ms": scale * statistics.median(totals), "runs": len(totals),
                **{part + "_ms": scale * statistics.median(spent) for part, spent in parts.items()},
                "steps_an_epoch": len(self.sequences) / BATCH, "batch": self.arguments.batch}

    def batches(self):
        """Full batches without end."""
        while True:
            for batch in DataLoader(self.train, sampler=RandomSampler(self.train), batch_size=self.arguments.batch):
                if len(batch[0][0]) == self.arguments.batch:
                    yield batch

    def evaluation(self):
        """Top 20 of the full catalogue and their metrics; of fewer users than all, the time is scaled up."""
        self.model.eval()
        begin, predicted, answers = now(), None, None
        for users, ids, _, _, answer in DataLoader(self.valid, sampler=SequentialSampler(self.valid), batch_size=BATCH):
            states = self.model(ids.to(self.arguments.device))[:, -1, :]
            scores = torch.matmul(states, self.model.items.weight.transpose(0, 1)).cpu().data.numpy().copy()
            scores[self.seen[users.cpu().numpy()].toarray() > 0] = 0
            rows = np.arange(len(scores))
            top = np.argpartition(scores, -20)[:, -20:]
            best_first = np.argsort(scores[rows[:, None], top])[rows, ::-1]
            items = top[rows[:, None], best_first]
            predicted = items if predicted is None else np.append(predicted, items, axis=0)
            answer = answer.cpu().data.numpy()
            answers = answer if answers is None else np.append(answers, answer, axis=0)
            if len(predicted) >= self.arguments.eval_users > 0:
                break
        for k in CUTOFFS:
            hit_rate(answers, predicted, k)
            ndcg(answers, predicted, k)
        spent = milliseconds(begin)
        return {"median_ms": spent * len(self.sequences) / len(predicted), "runs": 1, "users_measured": len(predicted)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="user item item … a line")
    parser.add_argument("--setting", choices=SETTINGS, required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--steps", type=int, default=5, help="steps measured")
    parser.add_argument("--batch", type=int, default=BATCH, help="users of a measured step")
    parser.add_argument("--eval-users", type=int, default=0, help="evaluate about this many users only; 0: all")
    parser.add_argument("--phases", type=lambda names: names.split(","), default=PHASES, help="a,b,…; default: all")
    arguments = parser.parse_args()
    if "kmeans" in arguments.phases and "clustering" not in arguments.phases:
        parser.error("kmeans needs the points of clustering")
    torch.set_num_threads(arguments.threads)
    if faiss is not None:
        faiss.omp_set_num_threads(arguments.threads)
    random.seed(1)
    np.random.seed(1)
    torch.manual_seed(1)
    Bench(arguments).run()


if __name__ == "__main__":
    main()
