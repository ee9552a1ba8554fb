"""Shared vocabulary: chunks, rates, time, stages, skeleton, YAML, errors. Imports no other folder of the package."""
