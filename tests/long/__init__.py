"""Tests that take longer than `make test` should: `make test-long`."""
