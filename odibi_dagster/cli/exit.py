"""Exit codes that are not plainly right (0), wrong (1), or a command line that cannot be meant (2)."""

INTERRUPTED = 130  # what a shell says of a program that Ctrl-C ended
