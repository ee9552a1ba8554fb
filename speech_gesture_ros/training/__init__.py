"""Training of every model, from prepared data to a bundle. Needs torch."""
