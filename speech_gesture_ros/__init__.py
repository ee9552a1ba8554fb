"""Speech in, safe joint trajectories for any humanoid out."""

__version__ = "0.1.0"
