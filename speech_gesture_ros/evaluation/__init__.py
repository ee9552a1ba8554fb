"""Evaluation of motion: metrics beside controls and human values, closed-loop simulation, counts of faults."""
