"""Write the next migration: the difference between the models and a database that all present migrations have made."""

import re
import sys
import tempfile
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from sipweb import create_app  # noqa: E402
from sipweb.config import load  # noqa: E402
from sipweb.db import migrate  # noqa: E402


def main() -> None:
    """`make_migration.py MESSAGE` writes migrations/versions/000N_message.py and names it."""
    message = " ".join(sys.argv[1:]).strip()
    if not re.search(r"\w", message):
        sys.exit('Say what changes: make migration m="trunks have a comment"')
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    newest = ScriptDirectory.from_config(config).get_current_head() or "0"
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(load({"SIPWEB_INSTANCE": folder}))
        with app.app_context():
            migrate(ROOT / "migrations")
            written = command.revision(
                config,
                message,
                autogenerate=True,
                rev_id=f"{int(newest) + 1:04}",
                process_revision_directives=_not_empty,
            )
    if not written:
        print("The migrations make the models already: nothing is written.")


def _not_empty(_context: Any, _revision: Any, directives: list[Any]) -> None:
    if directives[0].upgrade_ops.is_empty():
        directives.clear()


main()
