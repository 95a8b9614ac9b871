"""The version of sipweb and of the database's schema."""

from functools import cache
from pathlib import Path

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations" / "versions"
VERSION = "1.0.0"  # pyproject.toml reads it here; CHANGELOG.md says what is in it


@cache
def schemas() -> tuple[str, ...]:
    """Return the versions of the schema that this code knows, the newest last: the revisions of the migrations."""
    return tuple(sorted(path.name.partition("_")[0] for path in MIGRATIONS.glob("[0-9]*_*.py")))
