"""Asterisk: its files, its processes and the connection to it."""
