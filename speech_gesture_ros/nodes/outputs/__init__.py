"""Outputs: windows to the commands of one command interface each (docs/controllers.md)."""
