"""`python -m benchmarks [measure …] [--only NAME …]`: the figures, side by side in one run, as a table."""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from benchmarks import growth
from benchmarks.measures import MEASURES
from benchmarks.peers import PEERS, DjangoAdmin, FlaskAdmin
from benchmarks.report import Row, machine, table
from benchmarks.run import Run
from benchmarks.subjects import BASELINE_COMMIT, EarlierSipweb, Sipweb, has_baseline_commit

HERE = Path(__file__).parent
SUBJECTS = {subject.__name__: subject for subject in (FlaskAdmin, DjangoAdmin, EarlierSipweb, Sipweb)}


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that no server is left behind
    options, load, started = _options(), os.getloadavg()[0], time.monotonic()
    _install_peers()
    if EarlierSipweb.__name__ in options.only and not has_baseline_commit():
        _say(f"commit {BASELINE_COMMIT} is not in this clone of the repository: measured without it")
        options.only.remove(EarlierSipweb.__name__)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sipweb-bench-")))
        run = Run([SUBJECTS[name](folder / name) for name in options.only])
        for subject in run.subjects:
            _say(f"starting {subject.name}")
            stack.callback(subject.stop)
            subject.start()
        rows = [row for name in options.measures for row in _measured(name, run)]
    where = machine(load, run.versions, time.monotonic() - started)
    text = f"{table(rows)}\n{where}\n"
    print(text)
    is_whole = options.measures == list(MEASURES) and {*options.only, EarlierSipweb.__name__} == SUBJECTS.keys()
    if run.growth and (options.write or is_whole):
        growth.write(run.growth, where)
    if is_whole:
        head = "# Results of the newest whole `make bench`\n\nWhat each figure counts: README.md.\n\n"
        (HERE / "RESULTS.md").write_text(head + text)


def _measured(name: str, run: Run) -> list[Row]:
    started = time.monotonic()
    try:
        rows = list(MEASURES[name](run))
    except Exception:
        for subject in run.subjects:
            _say(f"{subject.name} printed: {subject.last_output()}")
        raise
    _say(f"{name}: {time.monotonic() - started:.0f} s")
    return rows


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _install_peers() -> None:
    """The peers' environment beside this file, as pinned."""
    pins, stamp = HERE / "requirements.txt", PEERS.parent / "pins"
    if stamp.is_file() and stamp.read_text() == pins.read_text():
        return
    _say("installing the peers")
    subprocess.run([sys.executable, "-m", "venv", "--clear", PEERS.parent], check=True)
    subprocess.run([PEERS / "pip", "install", "--quiet", "--require-hashes", "-r", pins], check=True)
    stamp.write_text(pins.read_text())


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("measures", nargs="*", help=f"of {', '.join(MEASURES)}; all by default")
    parser.add_argument("--only", nargs="+", choices=SUBJECTS, default=list(SUBJECTS))
    parser.add_argument("--write", action="store_true", help="write docs/performance.md (measure growth)")
    options = parser.parse_args()
    options.measures = options.measures or list(MEASURES)
    if unknown := set(options.measures) - MEASURES.keys():
        parser.error(f"no measure: {', '.join(unknown)}")
    return options


if __name__ == "__main__":
    main()
