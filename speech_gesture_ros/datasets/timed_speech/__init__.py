"""Speech whose phone times are known: speech synthesis that states when each of its phones begins and ends."""
