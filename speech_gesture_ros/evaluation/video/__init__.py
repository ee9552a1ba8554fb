"""Measures of drawn films against the film of the person, and their baselines."""
