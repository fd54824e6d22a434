#!/usr/bin/env bash
# Runs MovieLens-1M with the published sizes, from the raw files to the tables. Arguments are passed on, e.g.
# `exp_name=k128 pretrain.num_intent_clusters=[128]`, or `+profile=cpu` for a smaller model on a few cores.
# Data: ratings.dat and movies.dat in data/ml-1m/, from https://grouplens.org/datasets/movielens/1m/.
source "$(dirname "$0")/common.sh"

run_published ml1m "$@"
