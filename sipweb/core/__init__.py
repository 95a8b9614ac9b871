"""Pure rules: no I/O, no clock, no randomness.

Everything they need is an argument.
"""
