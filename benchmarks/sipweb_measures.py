"""The measures of sipweb alone; each yields the rows that it measured."""

import sqlite3
import statistics
from collections.abc import Iterator
from contextlib import closing

from playwright.sync_api import sync_playwright

from benchmarks import seed_sipweb
from benchmarks.client import Client, Request
from benchmarks.data import LEVELS, PLACES
from benchmarks.generation import generation
from benchmarks.growth import STEPS, growth
from benchmarks.hosts import rollouts
from benchmarks.imports import imports
from benchmarks.list_sizes import list_sizes
from benchmarks.live_state import live_state
from benchmarks.logins import logins, registered
from benchmarks.report import Row, at_most, row_of_medians
from benchmarks.run import Run
from benchmarks.subjects import Sipweb

DRIFT_INTERVAL = 30  # seconds, the setting's default


def measure_import(run: Run) -> Iterator[Row]:
    """See imports.py."""
    for s in run.sipweb:
        found = imports(s.folder / "import")
        for title, times in found.items():
            target = at_most(1500, "≤ 1.5 s")
            yield row_of_medians(f"import of 900, {title}, preview included", "import", {s.name: times}, target)


def measure_live(run: Run) -> Iterator[Row]:
    """See live_state.py."""
    for s in run.sipweb:
        found = live_state(s.folder / "live")
        for what, title, most in (
            ("unchanged", "poll of the list, nothing changed", 3),
            ("changed", "poll of the list, 50 phones changed", 20),
            ("main thread", "the browser's main thread for these 50", 100),
        ):
            yield row_of_medians(title, "live", {s.name: found[what]}, at_most(most, f"≤ {most} ms"), digits=1)


def measure_usage(run: Run) -> Iterator[Row]:
    """The page of account usage with a change every other minute of ten hours a day."""
    for s in run.sipweb:
        s.add_usage()
        client = s.login()
        times = [client.send(Request("/usage?span=month"))[1] for _ in range(16)][1:]
        yield row_of_medians("account usage, 30 days", "usage", {s.name: times}, at_most(50, "≤ 50 ms"))


def measure_banner(run: Run) -> Iterator[Row]:
    """One page with the banner less the same page without it, while all 900 accounts have a change pending."""
    for s in run.sipweb:
        client = s.login()
        s.pending()
        yield from list_sizes("the list, all 900 pending,", "banner", [s], {s.name: client})
        for title, change in (("banner on a page", False), ("banner on the first page after a change", True)):
            costs = [_with(s, client, change) - _without(s, client, change) for _ in range(61)][1:]
            yield row_of_medians(f"{title}, 900 pending", "banner", {s.name: costs}, at_most(5, "< 5 ms"), digits=1)


def measure_generation(run: Run) -> Iterator[Row]:
    """See generation.py."""
    for s in run.sipweb:
        folder = s.folder / "generation"
        folder.mkdir()
        found = generation(folder)
        run.versions["Asterisk"] = found.version if found else "not found"
        if not found:
            continue
        for title, ours, asterisk, factor in (
            ("generation, 900 changed, 100 rules, 10 trunks, click to verified", found.ours, found.asterisk, 1.5),
            ("generation, one changed, click to verified", found.one, found.one_asterisk, 1.7),
            ("restoring a version, one changed, click to verified", found.restored, found.one_asterisk, 1.7),
            ("cheap search for drift", found.drift, found.drift_asterisk, 1.7),
        ):
            target = at_most(factor * statistics.median(asterisk), f"≤ {factor} times Asterisk's own")
            yield row_of_medians(title, "generation", {s.name: ours}, target)
            yield row_of_medians("Asterisk's own part of it", "generation", {s.name: asterisk})
        share = statistics.median(found.drift_cpu) / DRIFT_INTERVAL / 10
        yield Row(
            f"processor of it, every {DRIFT_INTERVAL} s", "generation", "% of a core", {s.name: share},
            targets=(at_most(1, "≤ 1 %"),), digits=2,
        )  # fmt: skip


def measure_logins(run: Run) -> Iterator[Row]:
    """See logins.py."""
    for s in run.sipweb:
        found = logins(s.folder / "logins")
        for title, unit, values in (
            ("agents' logins, 800 of 900 accounts in use", "per second", found.whole),
            ("their leases in the database alone", "per second", found.database),
            ("of a login the password check", "ms", found.check),
        ):
            yield Row(title, "logins", unit, {s.name: statistics.median(values)}, {s.name: len(values)})


def measure_softphone(run: Run) -> Iterator[Row]:
    """See logins.py."""
    for s in run.sipweb:
        with sync_playwright() as started:
            times = registered(started, s.folder / "softphone")
        yield row_of_medians("click on Start working until the softphone is registered", "softphone", {s.name: times})


def measure_hosts(run: Run) -> Iterator[Row]:
    """See hosts.py."""
    for s in run.sipweb:
        if found := rollouts(s.folder / "hosts"):
            for title, values, limit in (
                ("two hosts, 20 accounts, one changed, click to both verified", found.few, 200),
                ("two hosts, 900 accounts, one changed, click to both verified", found.one, 350),
                ("two hosts, 900 accounts, all changed, click to both verified", found.every, 1200),
            ):
                yield row_of_medians(title, "hosts", {s.name: values}, at_most(limit, f"≤ {limit} ms"))


def measure_growth(run: Run) -> Iterator[Row]:
    """See growth.py. Where nine times as many accounts cost more than nine times as much, the target is missed."""
    for s in run.sipweb:
        run.growth = growth(s.folder / "growth")
        for step, title in STEPS.items():
            few, _, many = run.growth.medians(step)
            target = at_most(9, "≤ 9 times")
            yield Row(
                f"{title} of 900 accounts against 100", "growth", "times", {s.name: many / few},
                {s.name: run.growth.rounds(step)}, (target,), digits=1,
            )  # fmt: skip


def _with(subject: Sipweb, client: Client, change: bool) -> float:
    return _page(subject, client, change, banner=True)


def _without(subject: Sipweb, client: Client, change: bool) -> float:
    return _page(subject, client, change, banner=False)


def _page(subject: Sipweb, client: Client, change: bool, *, banner: bool) -> float:
    """Milliseconds of /account. Who has to choose a password first sees the same page without the banner."""
    with closing(sqlite3.connect(subject.database)) as connection, connection:
        connection.execute("UPDATE user SET must_change_password = ? WHERE role = 'administrator'", [not banner])
    if change:
        seed_sipweb.change(subject.database, 100 + next(PLACES), next(LEVELS))
    text, elapsed = client.send(Request("/account"))
    if ("900 pending changes" in text) is not banner:
        raise RuntimeError(f"/account {'lacks' if banner else 'has'} the banner")
    return elapsed
