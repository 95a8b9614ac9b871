"""The size of the list on the wire, in each encoding."""

from collections.abc import Iterator

from benchmarks.client import Client, Request
from benchmarks.report import Row, at_most
from benchmarks.subjects import Subject

WIRE = {"zstd": 30, "br": 40, "gzip": 60, "identity": 0}
"""Encoding → the largest list of 900 that is allowed, in kB; 0: any. Judged before anything is edited."""


def list_sizes(title: str, measure: str, subjects: list[Subject], clients: dict[str, Client]) -> Iterator[Row]:
    """The list's body on the wire in kB, with only this encoding asked for."""
    for encoding, most in WIRE.items():
        sizes = {}
        for s in subjects:
            clients[s.name].send(Request(s.list_path, headers={"Accept-Encoding": encoding}))
            sizes[s.name] = clients[s.name].size / 1000
        targets = (at_most(most, f"≤ {most} kB"),) if most and measure == "http" else ()
        yield Row(f"{title} on the wire, {encoding}", measure, "kB", sizes, targets=targets, digits=1)
