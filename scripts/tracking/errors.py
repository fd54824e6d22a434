"""The errors of track.py."""


class TrackError(Exception):
    """Something that the user can put right; the message says how."""
