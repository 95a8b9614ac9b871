"""The addresses of static files, which change with their content."""

import hashlib
from functools import cache
from pathlib import Path

from flask import Flask

STATIC = Path(__file__).resolve().parents[2] / "static"


def init_app(app: Flask) -> None:
    """Serve our scripts below a folder named by their hash, too."""
    app.add_url_rule(f"/static/{_scripts_hash()}/<path:filename>", "static")


@cache
def asset_url(name: str) -> str:
    """Return the address of a static file; browsers may cache it for a year.

    Our scripts import each other by relative paths. They share one hash, and it is a folder in their addresses, so that
    an import leads to such an address too.
    """
    if name.endswith(".js") and not name.startswith("vendor/"):
        return f"/static/{_scripts_hash()}/{name}"
    return f"/static/{name}?{_hash(STATIC / name)}"


@cache
def _scripts_hash() -> str:
    return _hash(*sorted(STATIC.glob("**/*.js")))


def _hash(*paths: Path) -> str:
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()[:10]
