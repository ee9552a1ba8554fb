"""Experiments: several models trained and measured side by side, in one table."""
