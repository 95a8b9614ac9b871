"""`python -m benchmarks [measure …] [--only NAME …]`: the figures, side by side in one run, as a table."""

import argparse
import itertools
import os
import platform
import sqlite3
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from .browser import chromium, logged_in, screen, usable
from .client import Client, Request
from .generation import generation
from .subjects import PEERS, DjangoAdmin, FlaskAdmin, Sipweb, Subject, pss

HERE = Path(__file__).parent
ROUNDS = 15
BROWSER_ROUNDS = 5
BUSY = 60
SUBJECTS = (FlaskAdmin, DjangoAdmin, Sipweb)
Figures = dict[str, str]  # subject's name → figure

_places = itertools.cycle(range(0, 900, 7))
_levels = itertools.cycle([*range(10, 50), *range(51, 100)])


def main() -> None:
    options = _options()
    _install_peers()
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="sipweb-bench-"))
        subjects = [s(_made(Path(folder) / s.__name__)) for s in SUBJECTS if s.__name__ in options.only]
        for subject in subjects:
            stack.callback(subject.stop)
            subject.start()
        rows = [row for name in options.measures for row in MEASURES[name](name, subjects)]
    table = _table([s.name for s in subjects], rows)
    print(table)
    if options.measures == list(MEASURES) and len(subjects) == len(SUBJECTS):
        (HERE / "results.md").write_text(_machine() + "\n\n" + table)


def measure_http(name: str, subjects: list[Subject]):
    """Lists and edits in rounds, so that the machine's noise hits all alike."""
    lists, edits, size = _empty(subjects), _empty(subjects), {}
    clients = {s.name: s.login() for s in subjects}
    for number in range(ROUNDS + 1):
        for s in subjects:
            client = clients[s.name]
            text, elapsed = client.send(Request(s.list_path))
            size[s.name] = f"{len(text.encode()) / 1000:,.0f} kB"
            times = [client.send(s.edit(client, next(_places), next(_levels)))[1] for _ in range(s.edits_per_round)]
            if number:  # the first round warms up
                lists[s.name].append(elapsed)
                edits[s.name] += times
    yield "list of 900 to the last byte", name, _medians(lists)
    yield "its HTML, uncompressed", name, size
    yield "one edit on the server", name, _medians(edits)


def measure_browser(name: str, subjects: list[Subject]):
    """A real Chromium; the subjects take turns."""
    saved, opened = _empty(subjects), _empty(subjects)
    with chromium() as browser:
        pages = {s.name: logged_in(browser, s) for s in subjects}
        for number in range(BROWSER_ROUNDS + 1):
            for s in subjects:
                opening = usable(pages[s.name], s)
                saving = screen(pages[s.name], s, next(_places) % 12, next(_levels))  # a row in sight
                if number:
                    opened[s.name].append(opening)
                    saved[s.name].append(saving)
    yield "key press to the saved row on the screen", name, _medians(saved)
    yield "page of 900 until usable", name, _medians(opened)


def measure_memory(name: str, subjects: list[Subject]):
    """PSS after at least 60 lists and 60 edits, each on a connection of its own, so that both workers had theirs."""
    workers, processes = {}, {}
    for s in subjects:
        client = s.login()
        _busy(s, client)
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(_busy, [s] * BUSY, [client] * BUSY))
        workers[s.name], processes[s.name] = f"{pss(s.workers()):.0f} MB", f"{pss(s.processes()):.0f} MB"
    yield "memory of two busy workers", name, workers
    yield "memory of all processes", name, processes


def measure_banner(name: str, subjects: list[Subject]):
    """A page with 900 changes pending, right after somebody else's change, less the same page with none pending."""
    for s in subjects:
        if isinstance(s, Sipweb):
            client = s.login()
            pending = _page_times(s, client)
            s.run(s.flask("generate"))
            nothing = _page_times(s, client)
            figures = f"{pending - nothing:.1f} ms ({pending:.1f} − {nothing:.1f})"
            yield "the banner's cost on any page, 900 pending", name, {s.name: figures}


def measure_generation(name: str, subjects: list[Subject]):
    """See generation.py."""
    for s in subjects:
        if isinstance(s, Sipweb) and (figures := generation(_made(s.folder / "generation"))):
            ours, asterisk = figures
            yield "generation of 900 changed accounts, click to verified", name, {s.name: f"{ours:,.0f} ms"}
            yield "what Asterisk itself needs for that", name, {s.name: f"{asterisk:,.0f} ms"}


MEASURES: dict[str, Callable] = {
    "http": measure_http,
    "browser": measure_browser,
    "memory": measure_memory,
    "banner": measure_banner,
    "generation": measure_generation,
}


def _busy(subject: Subject, session: Client) -> None:
    """One list and one edit on a connection of their own, so that both workers get their share."""
    client = session.another()
    client.get(subject.list_path)
    client.send(subject.edit(client, next(_places), next(_levels)))


def _page_times(subject: Sipweb, client: Client) -> float:
    """Median of /audit; before each the revision is raised, as another process's transaction would."""
    times = []
    for _ in range(40):
        with sqlite3.connect(subject.database) as connection:
            connection.execute("UPDATE revision SET value = value + 1")
        times.append(client.send(Request("/audit"))[1])
    return statistics.median(times)


def _install_peers() -> None:
    """The peers' environment beside this file, as pinned."""
    pins, stamp = HERE / "requirements.txt", PEERS.parent / "pins"
    if stamp.is_file() and stamp.read_text() == pins.read_text():
        return
    subprocess.run([sys.executable, "-m", "venv", "--clear", PEERS.parent], check=True)
    subprocess.run([PEERS / "pip", "install", "--quiet", "--require-hashes", "-r", pins], check=True)
    stamp.write_text(pins.read_text())


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    names = [s.__name__ for s in SUBJECTS]
    parser.add_argument("measures", nargs="*", help=f"of {', '.join(MEASURES)}; all by default")
    parser.add_argument("--only", nargs="+", choices=names, default=names)
    options = parser.parse_args()
    options.measures = options.measures or list(MEASURES)
    return options


def _table(names: list[str], rows: list[tuple[str, str, Figures]]) -> str:
    lines = [["", *names, "`python -m benchmarks …`"], ["---", *["---:"] * len(names), "---"]]
    lines += [[title, *[figures.get(n, "") for n in names], f"`{measure}`"] for title, measure, figures in rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def _machine() -> str:
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}"
    return f"Medians; {machine}, Python {platform.python_version()}."


def _medians(times: dict[str, list[float]]) -> Figures:
    return {name: f"{statistics.median(values):,.1f} ms" for name, values in times.items()}


def _empty(subjects: list[Subject]) -> dict[str, list[float]]:
    return {s.name: [] for s in subjects}


def _made(path: Path) -> Path:
    path.mkdir(parents=True)
    return path


main()
