#!/usr/bin/env python3
"""The baseline of em.cpp: EM training and one-turn evaluation in eager PyTorch, with the structure of the published code.

It has a Dataset over Python lists with a dict of embedding rows per example, padded by a collate function; frozen
encoders that run at every use of a network, in the learning network with dropout; p(m|u,x) computed again for every loss
term that needs it; the intents' keys, values and item vectors expanded to the batch; evaluation over [B, K, items]
tensors, the best 20 items of each of three scores, and metrics user by user. It reads the files that em.cpp has written
and prints one JSON object per phase; times are in ms. Epochs are extrapolated from the median of a few steps
(`steps_measured`), evaluation from a few batches.
"""
import argparse
import copy
import json
import math
import os
import pathlib
import random
import statistics

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset, RandomSampler, SequentialSampler

from eager_pretrain import SasRec, device_mb, hit_rate, milliseconds, ndcg, now, peak_mb, reset_peak, to_device

KEYS = ["raw", "1755", "2097", "3068", "6868", "7702"]
WIDTH, LENGTH, LAYERS = 64, 200, 2
TEXT, INTENTS, PROJECTION, HEAD, DROPOUT = 4096, 512, [1024, 64], [128, 64], 0.5
BATCH, EVAL_BATCH, NEGATIVES, RATE = 480, 120, 10, 1e-3
POSTERIOR_WEIGHT, PRIOR_WEIGHT = 5, 5  # of the recommendation terms; the term over intents has weight 0 for ML-1M
CUTOFFS = [5, 10, 15, 20]
PHASES = ["load", "assembly", "stage1", "stage2", "joint", "evaluation"]


# ---- data

def read_ids(path):
    """Model ids of users and items, by raw id as a string, in order of first appearance."""
    users, items = {"[PAD]": 0}, {"[PAD]": 0}
    for line in open(path, encoding="utf-8"):
        user, sequence = line.strip().split("\t")
        users[user] = len(users)
        for item in sequence.split(" "):
            if item not in items:
                items[item] = len(items)
    return users, items


class Examples(Dataset):
    """(user, history, target, negatives, {task: embedding}) of one split."""

    def __init__(self, arguments, split, users, items):
        self.folder, self.keys = arguments.work / arguments.dtype, KEYS if split == "combination" else [split]
        begin = now()
        rows = {}
        for key in self.keys:
            rows.update(self.read_embeddings(key))
        self.load_ms = milliseconds(begin)
        begin = now()
        self.users, self.histories, self.targets, self.embeddings = [], [], [], []
        with open(arguments.work / (split + ".jsonl"), encoding="utf-8") as file:
            for line in file:
                record = json.loads(line)
                self.users.append(record["customer_id"].split("_")[0])
                self.histories.append(record["history"])
                self.targets.append(record["target"])
                self.embeddings.append(rows[record["customer_id"]])
        self.users = [users[user] for user in self.users]
        self.histories = [[items[item] for item in history] for history in self.histories]
        self.targets = [items[target] for target in self.targets]
        self.all_items = set(items.values())
        self.had = dict(zip(self.users, self.histories))
        self.negatives = [self.draw(user, target) for user, target in zip(self.users, self.targets)]
        self.assembly_ms = milliseconds(begin)

    def read_embeddings(self, key):
        table = torch.load(self.folder / f"raw_{key}.pt")
        embeddings = table["embeddings"].float()
        return {customer: {"raw": embeddings[row]} for row, customer in enumerate(table["special_id"])}

    def draw(self, user, target):
        candidates = list(self.all_items - set(self.had[user]))
        drawn = random.sample(candidates, NEGATIVES + 1)
        return [item for item in drawn if item not in (target, 0)][:NEGATIVES]

    def __len__(self):
        return len(self.users)

    def __getitem__(self, row):
        return self.users[row], self.histories[row], self.targets[row], self.negatives[row], self.embeddings[row]


def collate(batch):
    users, histories, targets, negatives, embeddings = zip(*batch)
    by_task = {task: torch.stack([row[task] for row in embeddings]) for task in embeddings[0]}
    text = torch.mean(torch.stack(list(by_task.values())), dim=0)
    longest = max(len(history) for history in histories)
    mask, padded = torch.zeros((len(histories), longest)), []
    for row, history in enumerate(histories):
        padded.append([0] * (longest - len(history)) + history)
        mask[row, -len(history):] = 1
    targets = torch.tensor(targets)
    items = torch.cat((targets.unsqueeze(1), torch.tensor(negatives)), dim=1)
    return (torch.tensor(users), torch.tensor(padded), mask, targets, items, text,
            torch.zeros(len(users), dtype=torch.long))


# ---- networks

class Posterior(nn.Module):
    def __init__(self, encoder, centers):
        super().__init__()
        self.encoder, self.intents = encoder, nn.Parameter(centers.clone())
        self.query, self.key, self.value = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, WIDTH)

    def attention(self, states):
        """Of states [B, n, d]: weights [B, n, K] and values [B, K, d]."""
        query = self.query(states)
        key = self.key(self.intents).unsqueeze(0).expand(query.shape[0], -1, -1)
        value = self.value(self.intents).unsqueeze(0).expand(query.shape[0], -1, -1)
        scores = torch.matmul(query, key.transpose(1, 2)) / math.sqrt(WIDTH)
        return functional.softmax(scores, dim=-1), value

    def distribution(self, histories):
        return self.attention(self.encoder(histories)[:, -1, :].unsqueeze(1))[0].squeeze(1)

    def predict(self, histories, items):
        """Scores [B, n] of items [B, n], and the reconstruction loss over all positions."""
        states = self.encoder(histories)
        weights, value = self.attention(states)
        predicted = torch.matmul(weights, value)
        reconstruction = functional.mse_loss(predicted, states)
        rows = self.encoder.items(items)
        return torch.matmul(predicted[:, -1, :].unsqueeze(1), rows.transpose(1, 2)).squeeze(1), reconstruction


class Prior(nn.Module):
    def __init__(self, encoder, centers):
        super().__init__()
        self.encoder, self.intents = encoder, nn.Parameter(centers.clone())
        self.projection = nn.Sequential(nn.Linear(TEXT, PROJECTION[0], bias=False), nn.Dropout(DROPOUT),
                                        nn.LayerNorm(PROJECTION[0]), nn.ReLU(inplace=True),
                                        nn.Linear(PROJECTION[0], PROJECTION[1]))
        widths = [WIDTH + PROJECTION[1], *HEAD, WIDTH]
        self.layers = nn.ModuleList([nn.Linear(width, wider) for width, wider in zip(widths, widths[1:])])
        self.item_map = nn.Linear(WIDTH, WIDTH)

    def distribution(self, histories, text):
        hidden = torch.cat([self.encoder(histories)[:, -1, :], self.projection(text)], dim=1)
        for layer in self.layers:
            hidden = functional.relu(layer(hidden))
        return functional.softmax(torch.matmul(hidden, self.intents.t()), dim=-1)

    def item_scores(self, items, distribution=None):
        """Of items [B, n]: [B, K, n], or their mean [B, n] under a distribution [B, K]."""
        rows = self.encoder.items(items)
        intents = self.item_map(self.intents).unsqueeze(0).expand(items.shape[0], -1, -1)
        scores = torch.matmul(intents, rows.transpose(1, 2))
        return scores if distribution is None else torch.matmul(distribution.unsqueeze(1), scores).squeeze(1)

    def sequence_scores(self, histories, items):
        states = self.encoder(histories)[:, -1, :].unsqueeze(1)
        return torch.matmul(states, self.encoder.items(items).transpose(1, 2)).squeeze(1)


# ---- training

class Trainer:
    def __init__(self, item_size, device):
        encoder, centers = SasRec(item_size, LENGTH, LAYERS), torch.randn(INTENTS, WIDTH)
        self.prior = Prior(encoder, centers).to(device)
        self.posterior = Posterior(copy.deepcopy(encoder), centers).to(device)
        self.cross_entropy = nn.CrossEntropyLoss(reduction="none")
        self.adam = torch.optim.Adam([{"params": self.prior.parameters()}, {"params": self.posterior.parameters()}],
                                     lr=RATE, betas=(0.9, 0.999), weight_decay=0)

    def learn(self, learner, fixed):
        learner.train()
        fixed.eval()
        for network, learns in ((learner, True), (fixed, False)):
            for parameter in network.parameters():
                parameter.requires_grad = learns
        for parameter in learner.encoder.parameters():
            parameter.requires_grad = False

    @staticmethod
    def elbo(q, p):
        return (q * (torch.log(p + 1e-5) - torch.log(q + 1e-5))).sum(dim=-1)

    def elbo_with_item(self, batch):
        _, histories, _, targets, _, text, _ = batch
        p = self.prior.distribution(histories, text)
        scores = self.prior.item_scores(targets.unsqueeze(1)).squeeze()
        return self.elbo(self.posterior.distribution(histories), torch.softmax(scores * p, dim=-1))

    def elbo_of_prior(self, batch):
        _, histories, _, _, _, text, _ = batch
        q = self.posterior.distribution(histories)
        return self.elbo(q, self.prior.distribution(histories, text))

    def recommendation(self, batch):
        _, histories, _, _, items, text, labels = batch
        p = self.prior.distribution(histories, text)
        return self.cross_entropy(self.prior.item_scores(items, p), labels).mean(dim=-1)

    def e_step(self, batch, elbo_counts):
        """The ELBO is computed whether it counts or not."""
        _, histories, _, _, items, _, labels = batch
        elbo = self.elbo_with_item(batch)
        logged = [elbo.mean().squeeze().item()]
        scores, _ = self.posterior.predict(histories, items)
        loss = POSTERIOR_WEIGHT * self.cross_entropy(scores, labels).mean()
        if elbo_counts:
            loss = loss - elbo.mean()
        logged.append(loss.item())
        self.descend(loss)

    def m_step(self, batch):
        elbo = self.elbo_of_prior(batch)
        loss = -elbo.mean()
        recommendation = self.recommendation(batch)
        loss = loss + PRIOR_WEIGHT * recommendation
        _ = [elbo.mean().squeeze().item(), recommendation.item(), loss.item()]
        self.descend(loss)

    def descend(self, loss):
        self.adam.zero_grad(set_to_none=True)
        loss.backward()
        self.adam.step()


# ---- evaluation

def best_20(scores):
    scores = scores.cpu().data.numpy().copy()
    rows = np.arange(len(scores))
    top = np.argpartition(scores, -20)[:, -20:]
    order = np.argsort(scores[rows[:, None], top])[:, ::-1]
    return top[rows[:, None], order]


def evaluate_batch(trainer, batch, item_size):
    _, histories, _, targets, _, text, _ = batch
    items = torch.arange(item_size, device=histories.device).unsqueeze(0).expand(len(targets), -1)
    p = trainer.prior.distribution(histories, text)
    with_text = trainer.prior.item_scores(items, p)
    without_text, _ = trainer.posterior.predict(histories, items)
    sequence = trainer.prior.sequence_scores(histories, items)
    answers = [[item] for item in targets.cpu().data.numpy().copy()]
    return [best_20(with_text), best_20(without_text), best_20(sequence), answers]


# ---- measurements

class Bench:
    def __init__(self, arguments):
        self.arguments = arguments

    def run(self):
        users, items = read_ids(self.arguments.data)
        reset_peak()
        self.train = Examples(self.arguments, "combination", users, items)
        size = sum(os.path.getsize(self.train.folder / f"raw_{key}.pt") for key in KEYS)
        self.report("load", {"median_ms": self.train.load_ms, "runs": 1, "file_mb": size / 1e6})
        self.report("assembly", {"median_ms": self.train.assembly_ms, "runs": 1, "examples": len(self.train)})
        self.trainer, self.item_size = Trainer(len(items), self.arguments.device), len(items)
        passes = {"e": lambda batch: self.trainer.e_step(batch, False),
                  "e+": lambda batch: self.trainer.e_step(batch, True), "m": self.trainer.m_step}
        for phase, names in (("stage1", ["e"]), ("stage2", ["m"]), ("joint", ["e+", "m"])):
            if phase in self.arguments.phases:
                reset_peak()
                self.report(phase, self.epoch([(name[0], passes[name]) for name in names]))
        if "evaluation" in self.arguments.phases:
            self.valid = Examples(self.arguments, "valid", users, items)
            reset_peak()
            self.report("evaluation", self.evaluation())

    def report(self, phase, result):
        if phase in self.arguments.phases:
            print(json.dumps({"side": "eager", "dtype": self.arguments.dtype, "threads": self.arguments.threads,
                              "device": self.arguments.device, "phase": phase, **result, "peak_mb": peak_mb(),
                              **device_mb(self.arguments.device)}), flush=True)

    def loader(self, examples, sampler, batch):
        return DataLoader(examples, batch_size=batch, collate_fn=collate, num_workers=self.arguments.workers,
                          sampler=sampler(examples))

    def epoch(self, passes):
        """The passes' median steps times the steps of an epoch; a first step of each is not counted."""
        count, total, measured = math.ceil(len(self.train) / BATCH), 0, 0
        for learner, step in passes:
            networks = (self.trainer.posterior, self.trainer.prior)
            self.trainer.learn(*(networks if learner == "e" else networks[::-1]))
            times, begin = [], now()
            for number, batch in enumerate(self.loader(self.train, RandomSampler, BATCH)):
                step(to_device(batch, self.arguments.device))
                if number > 0:
                    times.append(milliseconds(begin))
                if number == self.arguments.steps:
                    break
                begin = now()
            total += statistics.median(times) * count
            measured += len(times)
        return {"median_ms": total, "runs": 1, "steps": count * len(passes), "steps_measured": measured}

    def evaluation(self):
        self.trainer.prior.eval()
        self.trainer.posterior.eval()
        begin, found = now(), None
        for number, batch in enumerate(self.loader(self.valid, SequentialSampler, EVAL_BATCH)):
            lists = evaluate_batch(self.trainer, to_device(batch, self.arguments.device), self.item_size)
            found = lists if found is None else [np.append(one, other, axis=0) for one, other in zip(found, lists)]
            if number + 1 == self.arguments.eval_batches:
                break
        *predicted, answers = found
        for top in predicted:
            for k in CUTOFFS:
                hit_rate(answers, top, k)
                ndcg(answers, top, k)
        spent = milliseconds(begin)
        return {"median_ms": spent * len(self.valid) / len(answers), "runs": 1, "users": len(self.valid),
                "users_measured": len(answers)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="ml-1m.csv: user TAB item item … a line")
    parser.add_argument("--work", type=pathlib.Path, required=True, help="folder of the files that bench_em wrote")
    parser.add_argument("--dtype", choices=["float32", "float16"], default="float32", help="of the embedding files")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--workers", type=int, default=0, help="processes that make batches")
    parser.add_argument("--steps", type=int, default=5, help="steps of a pass that are measured, after a first one")
    parser.add_argument("--eval-batches", type=int, default=6, help="batches of 120 users; 0: all")
    parser.add_argument("--phases", type=lambda names: names.split(","), default=PHASES, help="a,b,…; default: all")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    random.seed(1)
    np.random.seed(1)
    torch.manual_seed(1)
    Bench(arguments).run()


if __name__ == "__main__":
    main()
