"""The table: each figure with its target, and whether it was met; and what it was measured on."""

import json
import os
import platform
import re
import statistics
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.peers import PEERS, DjangoAdmin, FlaskAdmin
from benchmarks.subjects import BASELINE_COMMIT, EarlierSipweb, Sipweb, git, has_baseline_commit

NAMES = [FlaskAdmin.name, DjangoAdmin.name, EarlierSipweb.name, Sipweb.name]
PACKAGES = ("flask-admin", "django", "flask", "sqlalchemy", "gunicorn")
Values = dict[str, float]  # subject's name → what was measured
Times = dict[str, list[float]]


@dataclass(frozen=True)
class Target:
    """`words` for people; `ratio` of what was reached to what is allowed: above 1 it is missed."""

    words: str
    ratio: Callable[[Values], float]
    others: tuple[str, ...] = ()  # the subjects that it is judged by

    def judged(self, values: Values) -> str:
        if not {Sipweb.name, *self.others} <= values.keys():
            return "not judged"
        ratio = self.ratio(values)
        return "yes" if ratio <= 1 else f"**no**, {ratio:.3g} × what is allowed"


@dataclass(frozen=True)
class Row:
    title: str
    measure: str
    unit: str
    values: Values
    counts: dict[str, int] = field(default_factory=dict)
    """subject's name → how many times it was measured; none where it is no median."""
    targets: tuple[Target, ...] = ()
    digits: int = 0

    def cells(self) -> list[str]:
        shown = [f"{self.values[n]:,.{self.digits}f}" if n in self.values else "" for n in NAMES]
        targets = "; ".join(target.words for target in self.targets)
        judged = "; ".join(target.judged(self.values) for target in self.targets)
        return [f"{self.title}, {self.unit}", *shown, targets, judged, self._repetitions(), f"`{self.measure}`"]

    def _repetitions(self) -> str:
        counts = [str(self.counts[n]) for n in NAMES if n in self.counts]
        return counts[0] if len(set(counts)) == 1 else ", ".join(counts)


def row_of_medians(title: str, measure: str, times: Times, *targets: Target, digits: int = 0) -> Row:
    medians = {name: statistics.median(values) for name, values in times.items()}
    counts = {name: len(values) for name, values in times.items()}
    return Row(title, measure, "ms", medians, counts, targets, digits)


def at_most(limit: float, words: str) -> Target:
    return Target(words, lambda v: v[Sipweb.name] / limit)


def of_others(factor: float, words: str, *others: str, plus: float = 0) -> Target:
    """Expect sipweb to take at most `factor` of what the quickest of these takes, and `plus`."""
    return Target(words, lambda v: v[Sipweb.name] / (factor * min(v[name] for name in others) + plus), others)


def of_baseline(factor: float, plus: float = 0) -> Target:
    """Expect sipweb to take at most `factor` of what the earlier commit takes; `plus` is the time of an fsync."""
    words = f"≤ {factor:g} × {BASELINE_COMMIT}" + (" and one fsync" if plus else "")
    return of_others(factor, words, EarlierSipweb.name, plus=plus)


def table(rows: list[Row]) -> str:
    head = ["median", *NAMES, "target", "met", "repetitions", "measure"]
    lines = [head, ["---", *["---:"] * len(NAMES), "---", "---", "---", "---"], *[row.cells() for row in rows]]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def machine(load: float, seen: dict[str, str], took: float) -> str:
    """Where, when, and with which versions. `load` is the load average before the run, `seen` further versions."""
    cpu = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    memory = int(re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())[1]) / 1024**2
    hardware = f"{os.cpu_count()} cores ({cpu[1] if cpu else platform.machine()}), {memory:.0f} GB"
    distribution = platform.freedesktop_os_release()["PRETTY_NAME"]
    when = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, in {took / 60:.1f} minutes"
    return "\n".join(
        [
            f"- {when}, commit {_commit()}",
            f"- {hardware}, {distribution}, {platform.system()} {platform.release()}",
            f"- load average (1 minute) before the run: {load:.2f}; above about 0.3 others were at work too",
            f"- Python {platform.python_version()}; " + ", ".join(f"{n} {v}" for n, v in seen.items()),
            f"- peers: {_versions(_peers_versions())}",
            f"- sipweb: {_versions({name: version(name) for name in PACKAGES[2:]})}",
            *(
                []
                if has_baseline_commit()
                else [f"- without commit {BASELINE_COMMIT}, which this clone of the repository does not have"]
            ),
        ]
    )


def _versions(found: dict[str, str]) -> str:
    return ", ".join(f"{name} {number}" for name, number in found.items())


def _peers_versions() -> dict[str, str]:
    code = f"import json, importlib.metadata as m; print(json.dumps({{n: m.version(n) for n in {PACKAGES}}}))"
    return json.loads(subprocess.run([PEERS / "python", "-c", code], check=True, capture_output=True).stdout)


def _commit() -> str:
    watched = "sipweb", "templates", "static", "benchmarks/*.py"
    changed = git("status", "--porcelain", "--", *watched, check=False).stdout.strip()
    commit = git("rev-parse", "--short", "HEAD", check=False).stdout.strip()
    return (commit or "unknown") + (" with uncommitted changes" if changed else "")
