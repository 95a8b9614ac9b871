"""The measures in which sipweb is compared with other subjects; each yields the rows that it measured."""

import itertools
import os
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from playwright.sync_api import sync_playwright

from benchmarks.browser import bulk_change, chromium, logged_in, needless_requests, screen, search, usable
from benchmarks.client import Client, Request
from benchmarks.data import LEVELS, PLACES
from benchmarks.idle import idle
from benchmarks.list_sizes import list_sizes
from benchmarks.peers import FlaskAdmin
from benchmarks.processes import pss
from benchmarks.report import Row, Target, at_most, of_baseline, of_others, row_of_medians
from benchmarks.run import Run, rounds
from benchmarks.subjects import EarlierSipweb, Sipweb, Subject


def measure_http(run: Run) -> Iterator[Row]:
    """Lists and edits in rounds, so that the machine's noise hits all alike."""
    lists, edits = run.times(), run.times()
    clients = {s.name: s.login() for s in run.subjects}
    sizes = list(list_sizes("the list", "http", run.subjects, clients))
    for counted in rounds(15, 5, 75):
        for s in run.turns():
            client = clients[s.name]
            elapsed = client.send(Request(s.list_path))[1]
            times = [client.send(s.edit(client, next(PLACES), next(LEVELS)))[1] for _ in range(s.edits_per_round)]
            if counted:
                lists[s.name].append(elapsed)
                edits[s.name] += times
    quicker = of_others(1 / 40, "40 times faster than Flask-Admin", FlaskAdmin.name)
    yield row_of_medians("list of 900 to the last byte", "http", lists, of_baseline(1.1), quicker, digits=1)
    yield from sizes
    fsync = _fsync(run.sipweb)
    yield row_of_medians("one edit on the server", "http", edits, of_baseline(1.1, plus=fsync), digits=1)
    yield Row("one fsync of the disk", "http", "ms", {Sipweb.name: fsync}, digits=1)


def measure_browser(run: Run) -> Iterator[Row]:
    """A real Chromium; the subjects take turns."""
    saved, opened = run.times(), run.times()
    with sync_playwright() as started, ExitStack() as stack:
        browsers = {s.name: stack.enter_context(chromium(started)) for s in run.subjects}
        run.versions["Chromium"] = next(iter(browsers.values())).version
        pages = {s.name: logged_in(browsers[s.name], s) for s in run.subjects}
        for counted in rounds(8, 3, 75):
            for s in run.turns():
                time.sleep(0.5)  # what the one before left to do in its own browser is done
                opening = usable(pages[s.name], s)
                places = [next(PLACES) % 12 for _ in range(min(3, s.edits_per_round))]  # rows in sight
                saving = [screen(pages[s.name], s, place, LEVELS) for place in places]
                if counted:
                    opened[s.name].append(opening)
                    saved[s.name] += saving
    faster = of_others(1, "faster than Flask-Admin", FlaskAdmin.name)
    baseline = of_baseline(1.1, plus=_fsync(run.sipweb))
    yield row_of_medians("key press to the saved row on the screen", "browser", saved, baseline, faster)
    yield row_of_medians("page of 900 until usable", "browser", opened, of_baseline(1.1), at_most(400, "< 400 ms"))


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


def measure_search(run: Run) -> Iterator[Row]:
    """The whole list is narrowed to one account. sipweb answers while one types; elsewhere the last key is Enter."""
    pressed, requested, needless = run.times(), run.times(), 0
    numbers = itertools.cycle(range(101, 1000, 37))
    with sync_playwright() as started, ExitStack() as stack:
        browsers = {s.name: stack.enter_context(chromium(started)) for s in run.subjects}
        run.versions["Chromium"] = next(iter(browsers.values())).version
        pages = {s.name: logged_in(browsers[s.name], s) for s in run.subjects}
        for counted in rounds(8, 3, 75):
            for s in run.turns():
                time.sleep(0.5)
                since_key, since_request = search(pages[s.name], s, next(numbers))
                if counted:
                    pressed[s.name].append(since_key)
                    requested[s.name].append(since_request)
        for s in run.sipweb:
            needless += needless_requests(pages[s.name], s)
    yield row_of_medians(
        "search narrowing 900 to 1, key press to rows painted", "search", pressed, at_most(250, "≤ 250 ms")
    )
    yield row_of_medians("of it the request, until rows are painted", "search", requested, at_most(50, "≤ 50 ms"))
    if run.sipweb:
        none = Target("none", lambda values: 1 + values[Sipweb.name])
        yield Row("requests for what is already shown", "search", "each", {Sipweb.name: needless}, targets=(none,))


def measure_bulk(run: Run) -> Iterator[Row]:
    """All 900 accounts get another level, with what each product has for that."""
    subjects, times = [s for s in run.subjects if not isinstance(s, EarlierSipweb)], run.times()
    with sync_playwright() as started, ExitStack() as stack:
        browsers = {s.name: stack.enter_context(chromium(started)) for s in subjects}
        pages = {s.name: logged_in(browsers[s.name], s) for s in subjects}
        for page in pages.values():
            page.on("dialog", lambda dialog: dialog.accept())
        for counted in rounds(8, 3, 75):
            for s in run.turns():
                if s in subjects:
                    elapsed = bulk_change(pages[s.name], s)
                    if counted:
                        times[s.name].append(elapsed)
    found = {name: values for name, values in times.items() if values}
    yield row_of_medians(
        "level of all 900 accounts, last click to rows painted", "bulk", found, at_most(400, "≤ 400 ms")
    )


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


def _busy(subject: Subject, session: Client, until: float) -> int:
    """One list and one edit on a connection of their own; 0 when time is up."""
    if time.monotonic() > until:
        return 0
    client = session.another()
    client.get(subject.list_path)
    client.send(subject.edit(client, next(PLACES), next(LEVELS)))
    return 1
