"""Training of Speech2Gesture: one speaker's windows, L1 and an adversary that judges motion, the paper's baselines."""
