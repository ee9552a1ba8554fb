"""Kucherenko et al. (IVA 2019, IJHCI 2021) anew: speech to a learned representation of motion, and the baseline."""
