"""Face of the agent: phones to articulation, articulation to blendshapes, upper face, expressions. Knows no audio."""
