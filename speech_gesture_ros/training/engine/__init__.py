"""Everything that trainings of all models share: the fit, batches, callbacks, processes, settings."""
