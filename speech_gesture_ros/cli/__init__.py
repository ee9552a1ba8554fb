"""The command line: `speech-gesture <command>`, one module a command."""
