"""The commands, one a module: each defines `command`."""
