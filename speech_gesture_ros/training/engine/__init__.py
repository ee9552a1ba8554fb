"""Parts that the trainings of all models share: fit, batches, callbacks, processes, settings, cached results."""
