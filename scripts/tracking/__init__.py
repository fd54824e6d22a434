"""What scripts/track.py is made of: a run's folder, what is logged already, and the trackers."""
