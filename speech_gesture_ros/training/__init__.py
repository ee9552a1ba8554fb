"""Making the default model: corpus, choreography, training, report. Needs torch and the data folder."""
