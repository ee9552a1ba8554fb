"""Training of a network that draws one person, on films of that person."""
