"""The measures; each yields the rows that it measured."""

import gzip
import itertools
import os
import sqlite3
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, field

from playwright.sync_api import sync_playwright

from benchmarks import seed_sipweb
from benchmarks.browser import bulk_change, chromium, logged_in, needless_requests, screen, search, usable
from benchmarks.client import Client, Request
from benchmarks.generation import generation
from benchmarks.growth import STEPS, Growth, growth
from benchmarks.hosts import rollouts
from benchmarks.idle import idle
from benchmarks.imports import imports
from benchmarks.live_state import live_state
from benchmarks.logins import logins, registered
from benchmarks.peers import FlaskAdmin
from benchmarks.processes import pss
from benchmarks.report import Row, Target, at_most, of_landed, of_others
from benchmarks.subjects import Landed, Sipweb, Subject

DRIFT_INTERVAL = 30  # seconds, the setting's default
WIRE = {"zstd": 30, "br": 40, "gzip": 60, "identity": 0}
"""Encoding → the largest list of 900 that is allowed, in kB; 0: any. Judged before anything is edited."""
Times = dict[str, list[float]]

_places = itertools.cycle(range(0, 900, 7))
_levels = itertools.cycle([*range(10, 50), *range(51, 100)])


@dataclass
class Run:
    subjects: list[Subject]
    versions: dict[str, str] = field(default_factory=dict)
    growth: Growth | None = None
    _backwards: bool = False

    @property
    def sipweb(self) -> list[Sipweb]:
        """The present code, or none when it is left out."""
        return [s for s in self.subjects if type(s) is Sipweb]

    def turns(self) -> list[Subject]:
        """The subjects of one round: in turn forwards and backwards, so that none always follows the same other one."""
        self._backwards = not self._backwards
        return self.subjects if self._backwards else self.subjects[::-1]

    def times(self) -> Times:
        return {s.name: [] for s in self.subjects}


def measure_http(run: Run) -> Iterator[Row]:
    """Lists and edits in rounds, so that the machine's noise hits all alike."""
    lists, edits = run.times(), run.times()
    clients = {s.name: s.login() for s in run.subjects}
    sizes = list(_sizes("the list", "http", run.subjects, clients))
    for counted in _rounds(15, 5, 75):
        for s in run.turns():
            client = clients[s.name]
            elapsed = client.send(Request(s.list_path))[1]
            times = [client.send(s.edit(client, next(_places), next(_levels)))[1] for _ in range(s.edits_per_round)]
            if counted:
                lists[s.name].append(elapsed)
                edits[s.name] += times
    quicker = of_others(1 / 40, "40 times faster than Flask-Admin", FlaskAdmin.name)
    yield _row("list of 900 to the last byte", "http", lists, of_landed(1.1), quicker, digits=1)
    yield from sizes
    fsync = _fsync(run.sipweb)
    yield _row("one edit on the server", "http", edits, of_landed(1.1, plus=fsync), digits=1)
    yield Row("one fsync of the disk", "http", "ms", {Sipweb.name: fsync}, digits=1)


def measure_browser(run: Run) -> Iterator[Row]:
    """A real Chromium; the subjects take turns."""
    saved, opened = run.times(), run.times()
    with sync_playwright() as started, ExitStack() as stack:
        browsers = {s.name: stack.enter_context(chromium(started)) for s in run.subjects}
        run.versions["Chromium"] = next(iter(browsers.values())).version
        pages = {s.name: logged_in(browsers[s.name], s) for s in run.subjects}
        for counted in _rounds(8, 3, 75):
            for s in run.turns():
                time.sleep(0.5)  # what the one before left to do in its own browser is done
                opening = usable(pages[s.name], s)
                places = [next(_places) % 12 for _ in range(min(3, s.edits_per_round))]  # rows in sight
                saving = [screen(pages[s.name], s, place, _levels) for place in places]
                if counted:
                    opened[s.name].append(opening)
                    saved[s.name] += saving
    faster = of_others(1, "faster than Flask-Admin", FlaskAdmin.name)
    landed = of_landed(1.1, plus=_fsync(run.sipweb))
    yield _row("key press to the saved row on the screen", "browser", saved, landed, faster)
    yield _row("page of 900 until usable", "browser", opened, of_landed(1.1), at_most(400, "< 400 ms"))


def measure_search(run: Run) -> Iterator[Row]:
    """The whole list is narrowed to one account. sipweb answers while one types; elsewhere the last key is Enter."""
    pressed, requested, needless = run.times(), run.times(), 0
    numbers = itertools.cycle(range(101, 1000, 37))
    with sync_playwright() as started, ExitStack() as stack:
        browsers = {s.name: stack.enter_context(chromium(started)) for s in run.subjects}
        run.versions["Chromium"] = next(iter(browsers.values())).version
        pages = {s.name: logged_in(browsers[s.name], s) for s in run.subjects}
        for counted in _rounds(8, 3, 75):
            for s in run.turns():
                time.sleep(0.5)
                since_key, since_request = search(pages[s.name], s, next(numbers))
                if counted:
                    pressed[s.name].append(since_key)
                    requested[s.name].append(since_request)
        for s in run.sipweb:
            needless += needless_requests(pages[s.name], s)
    yield _row("search narrowing 900 to 1, key press to rows painted", "search", pressed, at_most(250, "≤ 250 ms"))
    yield _row("of it the request, until rows are painted", "search", requested, at_most(50, "≤ 50 ms"))
    if run.sipweb:
        none = Target("none", lambda values: 1 + values[Sipweb.name])
        yield Row("requests for what is already shown", "search", "each", {Sipweb.name: needless}, targets=(none,))


def measure_bulk(run: Run) -> Iterator[Row]:
    """All 900 accounts get another level, with what each product has for that."""
    subjects, times = [s for s in run.subjects if not isinstance(s, Landed)], run.times()
    with sync_playwright() as started, ExitStack() as stack:
        browsers = {s.name: stack.enter_context(chromium(started)) for s in subjects}
        pages = {s.name: logged_in(browsers[s.name], s) for s in subjects}
        for page in pages.values():
            page.on("dialog", lambda dialog: dialog.accept())
        for counted in _rounds(8, 3, 75):
            for s in run.turns():
                if s in subjects:
                    elapsed = bulk_change(pages[s.name], s)
                    if counted:
                        times[s.name].append(elapsed)
    found = {name: values for name, values in times.items() if values}
    yield _row("level of all 900 accounts, last click to rows painted", "bulk", found, at_most(400, "≤ 400 ms"))


def measure_import(run: Run) -> Iterator[Row]:
    """See imports.py."""
    for s in run.sipweb:
        found = imports(s.folder / "import")
        for title, times in found.items():
            target = at_most(1500, "≤ 1.5 s")
            yield _row(f"import of 900, {title}, preview included", "import", {s.name: times}, target)


def measure_live(run: Run) -> Iterator[Row]:
    """See live_state.py."""
    for s in run.sipweb:
        found = live_state(s.folder / "live")
        for what, title, most in (
            ("unchanged", "poll of the list, nothing changed", 3),
            ("changed", "poll of the list, 50 phones changed", 20),
            ("main thread", "the browser's main thread for these 50", 100),
        ):
            yield _row(title, "live", {s.name: found[what]}, at_most(most, f"≤ {most} ms"), digits=1)


def measure_usage(run: Run) -> Iterator[Row]:
    """The page of account usage with a change every other minute of ten hours a day."""
    for s in run.sipweb:
        s.add_usage()
        client = s.login()
        times = [client.send(Request("/usage?span=month"))[1] for _ in range(16)][1:]
        yield _row("account usage, 30 days", "usage", {s.name: times}, at_most(50, "≤ 50 ms"))


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


def measure_memory(run: Run) -> Iterator[Row]:
    """PSS after lists and edits on connections of their own, two at a time, so that both workers had theirs."""
    workers, processes, counts = {}, {}, {}
    for s in run.subjects:
        client, until = s.login(), time.monotonic() + 25
        _busy(s, client, until)  # what the session needs to know, once
        with ThreadPoolExecutor(2) as pool:
            counts[s.name] = sum(pool.map(lambda _, s=s, c=client, u=until: _busy(s, c, u), range(40)))
        workers[s.name], processes[s.name] = pss(s.workers()), pss(s.processes())
    yield Row("memory of two busy workers", "memory", "MB", workers, targets=(at_most(95, "≤ 95 MB"),))
    yield Row("lists and edits before that", "memory", "each", counts)
    yield Row("memory of all processes", "memory", "MB", processes, targets=(at_most(226, "≤ 226 MB"),))
    for s in run.sipweb:
        parts = idle(s.folder / "idle")
        for part, memory in parts.items():
            yield Row(f"an idle instance: {part}", "memory", "MB", {s.name: memory})
        if parts:
            total, target = {s.name: sum(parts.values())}, at_most(150, "≤ 150 MB")
            yield Row(
                "an idle instance, one worker: all processes with Asterisk", "memory", "MB", total, targets=(target,)
            )


def measure_banner(run: Run) -> Iterator[Row]:
    """One page with the banner less the same page without it, while all 900 accounts have a change pending."""
    for s in run.sipweb:
        client = s.login()
        s.pending()
        yield from _sizes("the list, all 900 pending,", "banner", [s], {s.name: client})
        for title, change in (("banner on a page", False), ("banner on the first page after a change", True)):
            costs = [_with(s, client, change) - _without(s, client, change) for _ in range(61)][1:]
            yield _row(f"{title}, 900 pending", "banner", {s.name: costs}, at_most(5, "< 5 ms"), digits=1)


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
            yield _row(title, "generation", {s.name: ours}, target)
            yield _row("Asterisk's own part of it", "generation", {s.name: asterisk})
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
        yield _row("click on Start working until the softphone is registered", "softphone", {s.name: times})


def measure_hosts(run: Run) -> Iterator[Row]:
    """See hosts.py."""
    for s in run.sipweb:
        if found := rollouts(s.folder / "hosts"):
            for title, values, limit in (
                ("two hosts, 20 accounts, one changed, click to both verified", found.few, 200),
                ("two hosts, 900 accounts, one changed, click to both verified", found.one, 350),
                ("two hosts, 900 accounts, all changed, click to both verified", found.every, 1200),
            ):
                yield _row(title, "hosts", {s.name: values}, at_most(limit, f"≤ {limit} ms"))


MEASURES = {
    "http": measure_http,
    "browser": measure_browser,
    "memory": measure_memory,  # before the measures that only some subjects have, and that leave their caches behind
    "search": measure_search,
    "bulk": measure_bulk,
    "import": measure_import,
    "live": measure_live,
    "usage": measure_usage,
    "banner": measure_banner,
    "generation": measure_generation,
    "logins": measure_logins,
    "softphone": measure_softphone,
    "hosts": measure_hosts,
    "growth": measure_growth,
}


def _rounds(most: int, least: int, seconds: float) -> Iterator[bool]:
    """Whether the round counts: the first warms up. Ends early, after at least `least`, where the machine is slow."""
    until = time.monotonic() + seconds
    for number in range(most + 1):
        if number > least and time.monotonic() > until:
            return
        yield number > 0


def _fsync(subjects: list[Sipweb]) -> float:
    """Return the median of what it takes to sync a page of a file beside the database, in ms; 0 without sipweb."""
    times = []
    for s in subjects:
        with (s.folder / "fsync").open("wb", buffering=0) as file:
            for _ in range(50):
                file.write(b"x" * 4096)
                started = time.perf_counter()
                os.fsync(file.fileno())
                times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times) if times else 0


def _sizes(title: str, measure: str, subjects: list[Subject], clients: dict[str, Client]) -> Iterator[Row]:
    """The list's body on the wire in kB, with only this encoding asked for."""
    for encoding, most in WIRE.items():
        sizes = {}
        for s in subjects:
            clients[s.name].send(Request(s.list_path, headers={"Accept-Encoding": encoding}))
            sizes[s.name] = clients[s.name].size / 1000
        targets = (at_most(most, f"≤ {most} kB"),) if most and measure == "http" else ()
        yield Row(f"{title} on the wire, {encoding}", measure, "kB", sizes, targets=targets, digits=1)


def _busy(subject: Subject, session: Client, until: float) -> int:
    """One list and one edit on a connection of their own; 0 when time is up."""
    if time.monotonic() > until:
        return 0
    client = session.another()
    client.get(subject.list_path)
    client.send(subject.edit(client, next(_places), next(_levels)))
    return 1


def _compressed(text: str) -> float:
    """Return the size in kB that gzip makes of a page."""
    return len(gzip.compress(text.encode(), 6)) / 1000


def _with(subject: Sipweb, client: Client, change: bool) -> float:
    return _page(subject, client, change, banner=True)


def _without(subject: Sipweb, client: Client, change: bool) -> float:
    return _page(subject, client, change, banner=False)


def _page(subject: Sipweb, client: Client, change: bool, *, banner: bool) -> float:
    """Milliseconds of /account. Who has to choose a password first sees the same page without the banner."""
    with closing(sqlite3.connect(subject.database)) as connection, connection:
        connection.execute("UPDATE user SET must_change_password = ? WHERE role = 'administrator'", [not banner])
    if change:
        seed_sipweb.change(subject.database, 100 + next(_places), next(_levels))
    text, elapsed = client.send(Request("/account"))
    if ("900 pending changes" in text) is not banner:
        raise RuntimeError(f"/account {'lacks' if banner else 'has'} the banner")
    return elapsed


def _row(title: str, measure: str, times: Times, *targets: Target, digits: int = 0) -> Row:
    medians = {name: statistics.median(values) for name, values in times.items()}
    counts = {name: len(values) for name, values in times.items()}
    return Row(title, measure, "ms", medians, counts, targets, digits)
