#!/usr/bin/env bash
# RecTools 0.19.0: FlatSASRecNet begins its training far worse than guessing.
#
# A network that knows nothing should give every item about the same probability, so that the first softmax loss over V items is near
# ln V. RecTools' SASRecModel draws its weights so, by Xavier's rule, and UniSRecNet, the other network of `rectools.fast_transformers`, has an
# `initializer_range` for the same purpose. FlatSASRecNet leaves torch's default for embeddings, N(0, 1), and multiplies the same table with
# its normed states, so that logits of 64 factors have a standard deviation of 8 and the first loss is more than five times ln V. Sixty steps of
# Adam at 0.001 leave it at twice ln V, where the same network with embeddings of standard deviation 0.02 begins at ln V.
# So a short trial, or a comparison by equal time, says little about this network unless its embeddings are drawn again.
# (The packages need several gigabytes of disk, because torch brings its CUDA libraries.)
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet torch==2.15.0 "rectools[torch]==0.19.0"
"$folder/env/bin/python" - << 'PYTHON'
import math
import rectools
import torch
from rectools.fast_transformers import FlatSASRecNet

ITEMS, FACTORS, LENGTH, STEPS = 2000, 64, 20, 60
UNIFORM = math.log(ITEMS)
torch.set_num_threads(1)
print(f"RecTools {rectools.VERSION}, torch {torch.__version__}; {ITEMS} items, ln {ITEMS} = {UNIFORM:.2f}")


def batch(rows):
    """Walks through the items in their order: the next one is always the number after this one."""
    walk = torch.randint(0, ITEMS, (rows, 1)) + torch.arange(LENGTH + 1)
    walk = walk % ITEMS + 1
    return walk[:, :-1], walk[:, 1:]


def losses(net):
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    found = []
    for _ in range(STEPS):
        x, y = batch(64)
        loss = torch.nn.functional.cross_entropy(net({"x": x, "y": y}).flatten(0, 1), y.flatten() - 1)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        found.append(loss.item())
    return found


def flat():
    torch.manual_seed(1)
    return FlatSASRecNet(ITEMS, FACTORS, 2, 2, LENGTH, 0.0)


left = flat()
drawn_again = flat()
torch.nn.init.normal_(drawn_again.item_emb.weight, std=0.02)
left_deviation = left.item_emb.weight.std().item()
print(f"standard deviation of the item embeddings: {left_deviation:.2f}")
as_it_is, small = losses(left), losses(drawn_again)
print(f"first loss:              as it is {as_it_is[0]:6.2f}, with embeddings of standard deviation 0.02 {small[0]:6.2f}")
print(f"loss after {STEPS} steps:     as it is {as_it_is[-1]:6.2f}, with embeddings of standard deviation 0.02 {small[-1]:6.2f}")
assert abs(left_deviation - 1) < 0.05, "the embeddings are no longer drawn from N(0, 1)"
assert as_it_is[0] > 4 * UNIFORM and as_it_is[-1] > 1.5 * UNIFORM, "the network no longer begins far above ln V"
assert abs(small[0] - UNIFORM) < 0.2 and small[-1] < UNIFORM + 0.2
PYTHON
