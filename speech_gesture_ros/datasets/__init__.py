"""Paired speech and motion that others recorded: read in any layout, mapped onto our skeleton, cut, split, kept."""
