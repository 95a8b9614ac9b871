"""What can be a test is no paragraph."""

import subprocess
import sys
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from sipweb.config import ROOT, Settings
from sipweb.db import Base, db
from tests.conftest import on_both


def test_the_arrows_between_the_rooms_hold():
    done = subprocess.run([Path(sys.executable).with_name("lint-imports")], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout.decode()


@on_both
def test_the_migrations_make_the_models(app):
    with db.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_every_setting_is_in_the_readme():
    text = (ROOT / "README.md").read_text()
    missing = [name for name in Settings.__dataclass_fields__ if f"`{name.upper()}`" not in text]
    assert missing == []


def test_every_template_is_well_formed_and_named_in_the_code(app):
    names = app.jinja_env.list_templates()
    sources = "".join(path.read_text() for path in [*ROOT.glob("sipweb/**/*.py"), *ROOT.glob("templates/*.html")])
    for name in names:
        app.jinja_env.get_template(name)
        assert name in sources


def test_each_block_rendered_alone_equals_its_part_of_the_page(admin):
    page = admin.get("/accounts?edit=3").text
    assert admin.get("/accounts/3/edit", htmx=True).text.split("<hx-partial")[0].strip() in page
    assert admin.get("/accounts/4/row", htmx=True).text.replace(" autofocus", "").strip() in page
