"""SIPVicious: looks for numbers and guesses passwords as attackers do."""

import re
import subprocess
from pathlib import Path

import pytest

PACKAGE = Path("/usr/share/sipvicious")  # where Debian's package has its modules
# Its option for the address that it sends from has no effect.
_SCRIPT = """
import socket, sys
sys.path.insert(0, {package!r})
bind = socket.socket.bind
socket.socket.bind = lambda self, address: bind(self, ({address!r}, address[1]))
from sipvicious.{tool} import main
main()
"""


def _command(tool, address, *arguments):
    if not PACKAGE.is_dir():
        pytest.skip("no sipvicious: run make tools")
    script = _SCRIPT.format(package=str(PACKAGE), address=address, tool=tool)
    return ["/usr/bin/python3", "-c", script, *map(str, arguments)]


def found_numbers(folder, address, sip_port, method, numbers):
    """Return the numbers that svwar finds from this address with requests of one method."""
    command = _command("svwar", address, "-m", method, "-e", numbers, "-p", sip_port, "--force", "127.0.0.1")
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=folder, check=False)
    assert done.returncode == 0, done.stderr
    assert "found nothing" in done.stderr or "|" in done.stdout, done.stderr
    return re.findall(r"^\| (\d+) ", done.stdout, re.MULTILINE)


def guessing(folder, address, sip_port, number, *, last=""):
    """Start svcrack with 100,000 passwords, the last of which is `last`; return the process."""
    words = folder / "words"
    words.write_text("\n".join(f"guess-{word}" for word in range(100_000)) + f"\n{last}\n")
    command = _command("svcrack", address, "-u", number, "-d", words, "-p", sip_port, "127.0.0.1")
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder)
