"""Speech features: streaming feature sets of the models (`sets`), shared by models of one stream (`feature_bank`)."""
