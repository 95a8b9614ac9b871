"""The memory of an idle instance: everything that `flask serve` runs, with one worker and a real Asterisk."""

import time
from pathlib import Path

from benchmarks.processes import program_of, pss
from benchmarks.subjects import Sipweb, free_port
from sipweb.pbx.local_asterisk import find_asterisk

SECONDS = 15  # from the first response until nothing is left to do
NAMES = {"sipweb-web": "web server", "sipweb-monitor": "background process"}


class Idle(Sipweb):
    """A new instance with its 20 accounts, generated and in Asterisk."""

    def seed(self) -> None:
        self.run(self.flask("setup"))


def idle(folder: Path) -> dict[str, float]:
    """Return what runs → MB; empty without an Asterisk."""
    if find_asterisk() is None:
        return {}
    ports = {f"{name}_PORT": str(free_port()) for name in ("AMI", "SIP", "WS")}
    subject = Idle(folder, PBX="local", WORKERS="1", **ports)
    try:
        subject.start()
        time.sleep(SECONDS)
        first, *others = subject.processes()
        found = {"what starts the others": pss([first])}
        for pid in others:
            name = NAMES.get(program_of(pid)[0], "Asterisk")
            found[name] = found.get(name, 0.0) + pss([pid])
        return found
    finally:
        subject.stop()
