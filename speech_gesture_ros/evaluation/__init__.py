"""Judging motion: figures beside controls and beside people, and counts of what must never happen."""
