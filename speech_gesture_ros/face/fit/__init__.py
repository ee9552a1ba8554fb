"""A face that fits a voice: its measures set the axes of an agent's face. A style, no statement about people."""
