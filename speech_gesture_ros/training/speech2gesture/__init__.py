"""Training of Speech2Gesture: windows of one speaker, L1 and adversarial loss, the paper's baselines."""
