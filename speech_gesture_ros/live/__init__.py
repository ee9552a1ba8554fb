"""The agent on the screen: one page with avatar, robot, voice and controls, served to a browser."""
