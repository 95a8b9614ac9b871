"""Processes, as /proc describes them."""

import re
from pathlib import Path


def descendants(pid: int) -> list[int]:
    """All descendants of a process."""
    direct = [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return [pid for child in direct for pid in (child, *descendants(child))]


def pss(pids: list[int]) -> float:
    """Their memory in MB, shared pages divided among those who share them."""
    texts = [Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in pids]
    return sum(int(re.search(r"^Pss:\s+(\d+)", text, re.M)[1]) for text in texts) / 1024


def program_of(pid: int) -> tuple[str, str]:
    """Return the name of a process, and its command line."""
    name, command = (Path(f"/proc/{pid}/{file}").read_text() for file in ("comm", "cmdline"))
    return name.strip(), command.replace("\0", " ")


def parent(pid: int) -> int:
    return int(re.search(r"^PPid:\s+(\d+)", Path(f"/proc/{pid}/status").read_text(), re.M)[1])
