#!/usr/bin/env bash
# Runs Amazon CDs and Vinyl with the published sizes, from the raw files to the tables. Arguments are passed on, e.g.
# `exp_name=k128 pretrain.num_intent_clusters=[128]`, or `+profile=cpu` for a smaller model on a few cores.
# Data: CDs_and_Vinyl.jsonl and meta_CDs_and_Vinyl.jsonl, or both with .gz, in data/amazon/, from
# https://amazon-reviews-2023.github.io/.
source "$(dirname "$0")/common.sh"

run_published cds "$@"
