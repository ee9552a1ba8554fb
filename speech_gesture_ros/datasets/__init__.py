"""Recorded speech and motion: read in any layout, retargeted to the canonical skeleton, cut, split, stored."""
