"""Strokes: a seeded random process that draws the movements of hands, head and torso for speech that is detected."""
