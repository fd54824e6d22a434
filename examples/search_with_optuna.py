#!/usr/bin/env python3
"""Searches settings with Optuna (python3 -m pip install optuna).

    python3 examples/search_with_optuna.py -c tiny --trials 20 --folder outputs/search
    python3 examples/search_with_optuna.py -c ml1m --trials 50 --jobs 2 --storage sqlite:///search.db device=cpu

Edit suggest() to search other settings. Every trial is a run of its own whose value is the best NDCG@10 with text on the
validation split; the test split is not looked at. Stages that a trial does not change are hard links to those of a common run,
so they take neither time nor space. Trials that fall behind are stopped early. With --storage the same command goes
on with the search.
"""
from __future__ import annotations

import argparse
import json
import os
import pathlib
import shlex
import shutil
import signal
import subprocess
import time

import optuna

STAGES = ("preprocess", "pretrain", "simulate", "embed", "train")
METRIC = "NDCG@10"
PRUNED_BY = "prior"  # the EM stage whose epochs are compared between trials
DIVERGED = 6  # latentcrs' exit code for a loss or score that is no number


class Failed(Exception):
    """A stage that cannot be made; it ends the search."""


class Diverged(Exception):
    """A loss that is no longer a number ended the training; the search goes on."""


def suggest(trial: optuna.Trial) -> list[str]:
    """The settings of a trial, as on the command line (configs/README.md)."""
    return [
        f"learning_rate={trial.suggest_float('learning_rate', 1e-4, 1e-2, log=True)}",
        f"e_negative_loss_weight={trial.suggest_categorical('e_negative_loss_weight', [1.0, 5.0, 10.0])}",
        f"m_rec_loss_weight={trial.suggest_float('m_rec_loss_weight', 0.5, 10.0, log=True)}",
        f"prior.m_ux.hidden_dropout_prob={trial.suggest_float('hidden_dropout_prob', 0.0, 0.5, step=0.1)}",
    ]


def scores_of(run: pathlib.Path) -> list[tuple[str, int, float]]:
    """EM stage, epoch and validation score of the complete lines of train/metrics.jsonl; epoch 0 is before training."""
    path = run / "train/metrics.jsonl"
    whole = path.read_text().rpartition("\n")[0] if path.exists() else ""
    lines = [json.loads(line) for line in whole.splitlines()]
    return [(line["em_stage"], line["epoch"], line["valid"]["with_text"][METRIC]) for line in lines if line["epoch"] > 0]


def best_of_last_stage(run: pathlib.Path) -> float:
    scores = scores_of(run)
    return max(score for stage, _, score in scores if stage == scores[-1][0])


class Search:
    def __init__(self, options: argparse.Namespace):
        self._options = options
        self._common = options.folder / "common"
        threads = max(1, (os.cpu_count() or 1) // options.jobs)
        self._overrides = [f"threads={threads}", *options.overrides]

    def make_common_run(self) -> None:
        for stage in STAGES[:-1]:
            self._wait(self._start(stage, self._common, []), f"{self._common}: {stage}")

    def objective(self, trial: optuna.Trial) -> float:
        run = self._options.folder / f"trial-{trial.number}"
        settings = suggest(trial)
        trial.set_user_attr("settings", settings)
        if run.exists():
            raise Failed(f"{run} is of another search: go on with that one's --storage, or give another --folder")
        for stage in STAGES[:-1]:
            shutil.copytree(self._common / stage, run / stage, copy_function=os.link)
            self._wait(self._start(stage, run, settings), f"{run}: {stage}")
        training = self._start("train", run, settings)
        self._watch(training, run, trial)
        self._wait(training, f"{run}: train")
        return best_of_last_stage(run)

    def best_command(self, study: optuna.Study) -> str:
        settings = [*self._options.overrides, *study.best_trial.user_attrs["settings"]]
        return shlex.join([self._options.program, "run", "-c", self._options.config, *settings])

    def _start(self, stage: str, run: pathlib.Path, settings: list[str]) -> subprocess.Popen:
        """Starts a stage, which ends at once if it is up to date."""
        command = [self._options.program, stage, "-q", "-c", self._options.config, f"output_dir={run}", *self._overrides]
        return subprocess.Popen([*command, *settings], stdout=subprocess.DEVNULL)

    @staticmethod
    def _wait(process: subprocess.Popen, what: str) -> None:
        code = process.wait()
        if code == DIVERGED:
            raise Diverged(f"{what} diverged")
        if code != 0:
            raise Failed(f"{what} ended with exit code {code}; its message is above")

    @staticmethod
    def _watch(training: subprocess.Popen, run: pathlib.Path, trial: optuna.Trial) -> None:
        """Tells Optuna every epoch, and stops the training if the trial falls behind the others."""
        reported = 0
        while training.poll() is None:
            time.sleep(0.2)
            reported = report(trial, run, reported)
            if trial.should_prune():
                training.send_signal(signal.SIGINT)
                training.wait()
                raise optuna.TrialPruned()


def report(trial: optuna.Trial, run: pathlib.Path, reported: int) -> int:
    """Tells Optuna the epochs after the first `reported`; returns how many it knows now."""
    compared = [(epoch, score) for stage, epoch, score in scores_of(run) if stage == PRUNED_BY]
    for epoch, score in compared[reported:]:
        trial.report(score, epoch)
    return max(reported, len(compared))


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("overrides", nargs="*", help="settings of all trials")
    parser.add_argument("-c", "--config", required=True, help="config file or its name")
    parser.add_argument("--program", default="latentcrs", help="the program (default latentcrs)")
    parser.add_argument("--folder", type=pathlib.Path, default=pathlib.Path("outputs/search"), help="where the runs go")
    parser.add_argument("--trials", type=int, default=20, help="number of trials to add (default 20)")
    parser.add_argument("--jobs", type=int, default=1, help="trials at the same time, which share the cores (default 1)")
    parser.add_argument("--storage", help="Optuna's storage, for example sqlite:///search.db; default: memory")
    parser.add_argument("--seed", type=int, default=0, help="seed of the sampler; with one job a search repeats itself")
    return parser.parse_intermixed_args()


def main() -> None:
    options = parse_arguments()
    search = Search(options)
    study = optuna.create_study(study_name=options.folder.name, storage=options.storage, load_if_exists=True,
                                direction="maximize", sampler=optuna.samplers.TPESampler(seed=options.seed),
                                pruner=optuna.pruners.MedianPruner(n_startup_trials=5, n_warmup_steps=3))
    try:
        search.make_common_run()
        study.optimize(search.objective, n_trials=options.trials, n_jobs=options.jobs, catch=(Diverged,))
    except (Failed, OSError) as error:
        raise SystemExit(f"search: {error}") from error
    print(f"best {METRIC} with text on the validation split: {study.best_value:.4f} (trial {study.best_trial.number} of "
          f"{len(study.trials)})\n{search.best_command(study)}")


if __name__ == "__main__":
    main()
