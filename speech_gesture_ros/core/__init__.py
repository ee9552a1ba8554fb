"""The shared vocabulary: chunks, time, stages, skeletons, configuration, errors. Imports nothing of ours."""
