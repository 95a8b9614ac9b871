"""The rules, pure: no I/O, no clock, no randomness. What they need comes in as arguments."""
