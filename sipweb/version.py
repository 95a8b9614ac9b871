"""The version of sipweb and of the database's schema."""

from pathlib import Path

VERSION = "1.0.0"  # pyproject.toml reads it here; CHANGELOG.md says what is in it


def schemas(migrations: Path) -> list[str]:
    """Return the versions of the schema that this code knows, the newest last: the revisions of the migrations."""
    return sorted(path.name[:4] for path in (migrations / "versions").glob("[0-9][0-9][0-9][0-9]_*.py"))
