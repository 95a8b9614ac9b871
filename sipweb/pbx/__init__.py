"""The outside: Asterisk, its files and its processes."""
