"""What more accounts cost: list, save, plan and generate with 100, 300 and 900; and docs/performance.md about it."""

import itertools
import re
import statistics
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.client import Client, Request, fields
from benchmarks.subjects import ROOT, Sipweb

SIZES = (100, 300, 900)
ROUNDS, SAVES = 5, 4
STEPS = {
    "list": "list, to the last byte",
    "changed-list": "the same after all accounts changed",
    "save": "one account's level, saved",
    "plan": "page of the plan, all accounts changed",
    "generate": "generation, all accounts changed",
}
DOCUMENT = ROOT / "docs" / "performance.md"
PLOTS = ROOT / "docs" / "performance"


@dataclass(frozen=True)
class Growth:
    """(step, number of accounts) → milliseconds."""

    times: dict[tuple[str, int], list[float]] = field(default_factory=dict)

    def medians(self, step: str) -> list[float]:
        """Return the median of each size."""
        return [statistics.median(self.times[step, size]) for size in SIZES]

    def rounds(self, step: str) -> int:
        return len(self.times[step, SIZES[0]])


def growth(folder: Path) -> Growth:
    """Measure an instance of each size in turn. The files are written without an Asterisk, whose part is its own."""
    folder.mkdir()
    found = Growth({(step, size): [] for step in STEPS for size in SIZES})
    subjects = {size: Sipweb(folder / str(size), accounts=size) for size in SIZES}
    with ExitStack() as stack:
        for subject in subjects.values():
            stack.callback(subject.stop)
            subject.start()
        clients = {size: subject.login() for size, subject in subjects.items()}
        places, levels = itertools.count(), itertools.cycle(range(10, 50))
        for counted in [False, *[True] * ROUNDS]:
            for size, subject in subjects.items():
                for step, elapsed in _steps(subject, clients[size], next(places) % size, levels):
                    if counted:
                        found.times[step, size].append(elapsed)
    return found


def _steps(subject: Sipweb, client: Client, place: int, levels) -> list[tuple[str, float]]:
    saves = [client.send(subject.edit(client, place, next(levels)))[1] for _ in range(SAVES)]
    client.send(Request(subject.list_path))  # what was generated before changed all rows
    listed = client.send(Request(subject.list_path))[1]
    subject.pending()
    changed = client.send(Request(subject.list_path))[1]
    page, planned = client.send(Request("/generation"))
    form = [pair for pair in fields(page) if pair[0] == "csrf_token"][:1]
    if removed := re.search(r"will be removed from the PBX \((\d+)\)", page):
        form.append(("confirm", removed[1]))
    generated = client.send(Request("/generation", form, expect=(303,)))[1]
    return [
        *[("save", save) for save in saves],
        ("list", listed),
        ("changed-list", changed),
        ("plan", planned),
        ("generate", generated),
    ]


def write(found: Growth, where: str) -> None:
    """Write the first part of docs/performance.md and its plots. What follows it has been measured by others."""
    PLOTS.mkdir(exist_ok=True)
    _first, heading, others = DOCUMENT.read_text().partition("\n## ")
    lines = []
    for step, title in STEPS.items():
        values = found.medians(step)
        (PLOTS / f"{step}.svg").write_text(_plot(title, values))
        cells = [title, *[f"{value:,.1f}" for value in values], f"{values[-1] / values[0]:.1f}"]
        lines.append("| " + " | ".join(cells) + " |")
    plots = "\n".join(f"![{title}](performance/{step}.svg)" for step, title in STEPS.items())
    heads = "".join(f" {size} accounts |" for size in SIZES)
    DOCUMENT.write_text(
        f"""# Performance

What a request costs on the server as the number of SIP accounts grows, in ms (median). From 100 to 900 accounts no cost
may grow more than ninefold. Written by `make bench`, or by `python -m benchmarks growth --only Sipweb --write`.

| ms |{heads} growth |
| --- |{" ---: |" * len(SIZES)} ---: |
{chr(10).join(lines)}

The dashed line of a plot is a cost that is proportional to the number, with the cost of 900 accounts as measured.
Generations here write the files, without an Asterisk that loads them: its own part is in
[the results of the benchmarks](../benchmarks/RESULTS.md).

{plots}

{where}
{heading}{others}"""
    )


def _plot(title: str, values: Sequence[float]) -> str:
    """A plot with its own background, which follows the reader's colour scheme."""
    left, bottom, width, height, highest = 40, 150, 270, 110, max(values) or 1
    points = [
        (left + width * size / SIZES[-1], bottom - height * value / highest)
        for size, value in zip(SIZES, values, strict=True)
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    marks = "\n".join(
        f'  <circle cx="{x:.1f}" cy="{y:.1f}" r="3"/>\n'
        f'  <text x="{x:.1f}" y="{y - 8:.1f}" text-anchor="middle">{value:,.1f}</text>\n'
        f'  <text class="axis" x="{x:.1f}" y="{bottom + 16}" text-anchor="middle">{size}</text>'
        for (x, y), value, size in zip(points, values, SIZES, strict=True)
    )
    end = points[-1]
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 340 190" width="340" height="190" role="img">
  <title>{title}: {", ".join(f"{v:,.1f} ms with {n} accounts" for n, v in zip(SIZES, values, strict=True))}</title>
  <style>
    rect {{ fill: #fff; }} text {{ fill: #1f2937; font: 12px sans-serif; }} .axis {{ fill: #4b5563; }}
    polyline {{ fill: none; stroke: #1d5fd1; stroke-width: 2; }} circle {{ fill: #1d5fd1; }}
    line {{ stroke: #6b7280; }} .proportional {{ stroke-dasharray: 4 4; }}
    @media (prefers-color-scheme: dark) {{
      rect {{ fill: #16181d; }} text {{ fill: #e5e7eb; }} .axis {{ fill: #a8b0bd; }}
      polyline {{ stroke: #7fb0ff; }} circle {{ fill: #7fb0ff; }} line {{ stroke: #9aa3b2; }}
    }}
  </style>
  <rect width="340" height="190" rx="6"/>
  <text x="12" y="18">{title}, ms</text>
  <line x1="{left}" y1="{bottom}" x2="{left + width}" y2="{bottom}"/>
  <line class="proportional" x1="{left}" y1="{bottom}" x2="{end[0]:.1f}" y2="{end[1]:.1f}"/>
  <polyline points="{line}"/>
{marks}
  <text class="axis" x="{left + width}" y="{bottom + 32}" text-anchor="end">SIP accounts</text>
</svg>
"""
