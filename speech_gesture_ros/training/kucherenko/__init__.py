"""Training of Kucherenko et al. (IVA 2019, IJHCI 2021): speech to a learned representation of motion; the baseline."""
