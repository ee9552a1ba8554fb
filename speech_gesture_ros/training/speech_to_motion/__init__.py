"""Training of the default architecture: on composed motion, or on paired data with learned gesture codes."""
