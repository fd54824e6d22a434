#!/usr/bin/env python3
"""Logs a run of latentcrs to Weights & Biases or MLflow, with the tracker's own Python package (docs/trackers.md).

    scripts/track.py outputs/tiny --mlflow
    scripts/track.py outputs/tiny --wandb --follow

The tracker gets the settings, the metrics of every epoch, the final figures and tables, and the paths of the files. What
is logged already is not logged again. Where the tracker is, the tracker's own variables say: WANDB_MODE, WANDB_ENTITY,
WANDB_DIR; MLFLOW_TRACKING_URI.
"""
from __future__ import annotations

import argparse
import pathlib
import signal
import sys
import threading
import time

from tracking.errors import TrackError
from tracking.ledger import Ledger
from tracking.run_folder import RunFolder, Stage, State
from tracking.trackers import TRACKERS, Options, Session, Tracker


def log_stage(stage: Stage, session: Session) -> bool:
    """Logs what the stage has and the tracker lacks; returns whether that was anything."""
    logged = session.progress(stage)
    lines = stage.lines()[logged.lines:]
    has_results = stage.is_finished and not logged.done
    if lines:
        session.log_lines(stage, lines)
    if has_results:
        session.log_results(stage)
    if lines or has_results:
        parts = [f"{len(lines)} line{'s' * (len(lines) > 1)} of metrics"] * bool(lines) + ["results"] * has_results
        print(f"{stage.name}: {' and '.join(parts)} logged", flush=True)
    return bool(lines) or has_results


def bring_up_to_date(run: RunFolder, session: Session) -> bool:
    return any([log_stage(stage, session) for stage in run.stages()])


def track_once(run: RunFolder, tracker: Tracker, options: Options) -> None:
    run.require()
    session = tracker.open(run, options, Ledger(run))
    anything = bring_up_to_date(run, session)
    session.close(run.state())
    print(f"{run.folder}: {'logged as' if anything else 'nothing to add to'} {session.where()}")


class Follower:
    """Logs a run while it goes on, until nothing has been at work there for `patience` seconds."""

    def __init__(self, run: RunFolder, tracker: Tracker, options: Options):
        self._run, self._tracker, self._options = run, tracker, options
        self._session: Session | None = None

    def follow(self, interval: float, patience: float, stop: threading.Event) -> None:
        last_work = time.monotonic()
        while time.monotonic() - last_work < patience and not stop.is_set():
            if self._poll():
                last_work = time.monotonic()
            stop.wait(min(interval, patience))
        self._run.require()
        self._poll()
        self._close()

    def _poll(self) -> bool:
        """Logs what is new. Returns whether anything was, or a latentcrs is at work."""
        if not self._run.has_begun:
            return False
        try:
            if self._session and not self._session.holds(self._run):
                print(f"{self._run.folder}: goes on with other settings, which are another run at the tracker")
                self._close()
            self._session = self._session or self._tracker.open(self._run, self._options, Ledger(self._run))
            return bring_up_to_date(self._run, self._session) or self._run.state() == State.RUNNING
        except FileNotFoundError:  # latentcrs has just moved a stage's earlier result away
            return True

    def _close(self) -> None:
        if self._session:
            self._session.close(self._run.state())
            print(f"{self._run.folder}: logged as {self._session.where()}")
        self._session = None


def stop_on_signals() -> threading.Event:
    """Set by Ctrl-C and SIGTERM, so that what is being logged is logged to the end."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=pathlib.Path, metavar="RUN", help="the run's folder (output_dir)")
    which = parser.add_mutually_exclusive_group(required=True)
    for tracker in TRACKERS:
        which.add_argument(f"--{tracker.name}", dest="tracker", action="store_const", const=tracker,
                           help=f"log to {tracker.title}")
    parser.add_argument("--project", default="latentcrs", help="project of W&B, experiment of MLflow (default latentcrs)")
    parser.add_argument("--copy", action="store_true", help="log the files of the stages, not only their paths")
    parser.add_argument("--new", action="store_true", help="begin a new run at the tracker, whatever is logged")
    parser.add_argument("--follow", action="store_true", help="log while the run goes on, which may begin later")
    parser.add_argument("--interval", type=float, default=5, help="seconds between looks at the run (default 5)")
    parser.add_argument("--patience", type=float, default=60,
                        help="--follow ends when latentcrs has not been at work for so many seconds (default 60)")
    return parser.parse_args()


def main() -> int:
    arguments = parse_arguments()
    run = RunFolder(arguments.run)
    options = Options(project=arguments.project, copy=arguments.copy, new=arguments.new)
    try:
        arguments.tracker.load()
        if arguments.follow:
            Follower(run, arguments.tracker, options).follow(arguments.interval, arguments.patience, stop_on_signals())
        else:
            track_once(run, arguments.tracker, options)
    except (TrackError, OSError) as error:
        print(f"track: {error}", file=sys.stderr)
        return 1
    except arguments.tracker.errors() as error:
        print(f"track: {arguments.tracker.title}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
