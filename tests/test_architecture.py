"""The rules of the code base that a test can check."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from sipweb.config import ROOT, Settings
from sipweb.db import Base, db
from sipweb.version import MIGRATIONS
from tests.client import soup
from tests.conftest import on_both_databases


def test_import_contracts_are_kept():
    done = subprocess.run([Path(sys.executable).with_name("lint-imports")], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout.decode()


@on_both_databases
def test_migrations_match_models(app):
    with db.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


BREAKING = {
    "alter_column", "create_check_constraint", "create_foreign_key", "create_unique_constraint", "drop_column",
    "drop_table", "rename_table",
}  # fmt: skip


def _breaks_earlier_code(source):
    """Return whether a migration does what statements of earlier code may fail with."""
    upgrade = next(node for node in ast.parse(source).body if getattr(node, "name", "") == "upgrade")
    for call in ast.walk(upgrade):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
            is_required = call.func.attr == "add_column" and "nullable=False" in ast.unparse(call)
            if call.func.attr in BREAKING or (is_required and "server_default" not in ast.unparse(call)):
                return True
    return False


@pytest.mark.static
@pytest.mark.parametrize(
    ("statement", "breaks"),
    [
        ("op.add_column('t', sa.Column('c', sa.Integer(), nullable=True))", False),
        ("op.add_column('t', sa.Column('c', sa.Integer(), nullable=False, server_default='0'))", False),
        ("op.add_column('t', sa.Column('c', sa.Integer(), nullable=False))", True),
        ("op.create_table('t', sa.Column('c', sa.Integer(), nullable=False))", False),
        ("op.drop_index('i')", False),
        ("op.drop_column('t', 'c')", True),
        ("with op.batch_alter_table('t') as batch_op: batch_op.alter_column('c', new_column_name='d')", True),
    ],
)
def test_statement_that_breaks_earlier_code_is_recognised(statement, breaks):
    assert _breaks_earlier_code(f"def upgrade():\n    {statement}\n") == breaks


@pytest.mark.static
def test_migration_that_breaks_earlier_code_raises_the_oldest_schema():
    """Earlier migrations have nothing to raise."""
    for path in sorted(MIGRATIONS.glob("*_*.py")):
        number = path.name.partition("_")[0]
        raises = f"SET oldest_schema = '{number}'" in path.read_text()
        assert number < "0023" or raises or not _breaks_earlier_code(path.read_text()), path.name


@pytest.mark.static
def test_every_setting_is_in_the_readme():
    text = (ROOT / "README.md").read_text()
    missing = [name for name in Settings.__dataclass_fields__ if f"`{name.upper()}`" not in text]
    assert missing == []


@pytest.mark.static
def test_every_module_is_in_the_map():
    """In the rows of its own folder, because several folders have modules of the same name."""
    rows = (ROOT / "docs" / "architecture.md").read_text().splitlines()
    named, folder = set(), "sipweb"
    for row in rows:
        if heading := re.match(r"\| \*\*`(sipweb/\w+)/`\*\*", row):
            folder = heading[1]
        elif row.startswith("| `"):
            named |= {name if "/" in name else f"{folder}/{name}" for name in re.findall(r"`([\w/]+\.py)`", row)}
    folders = ("sipweb", "sipweb/core", "sipweb/pbx", "sipweb/services", "sipweb/web")
    modules = {str(path.relative_to(ROOT)) for folder in folders for path in (ROOT / folder).glob("[!_]*.py")}
    assert modules - named == set()


def test_every_template_compiles_and_is_used(app):
    names = app.jinja_env.list_templates()
    sources = "".join(path.read_text() for path in [*ROOT.glob("sipweb/**/*.py"), *ROOT.glob("templates/**/*.html")])
    for name in names:
        app.jinja_env.get_template(name)
        assert name in sources


def _sources():
    """Our templates, stylesheets, scripts and Python files; neither vendored files nor migrations."""
    for folder in ("benchmarks", "sipweb", "static", "templates", "tests"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".css", ".html", ".js", ".py") and not {"vendor", ".venv"} & set(path.parts):
                yield str(path.relative_to(ROOT)), path.read_text().splitlines()


@pytest.mark.static
def test_lines_have_at_most_120_columns():
    long = [f"{name}:{number}" for name, lines in _sources() for number, line in enumerate(lines, 1) if len(line) > 120]
    assert long == []


@pytest.mark.static
def test_templates_have_at_most_150_lines():
    assert [name for name, lines in _sources() if name.endswith(".html") and len(lines) > 150] == []


@pytest.mark.static
def test_scripts_have_at_most_300_lines():
    assert [name for name, lines in _sources() if name.endswith(".js") and len(lines) > 300] == []


@pytest.mark.static
def test_templates_mark_only_their_own_text_as_safe():
    """Text of ours, and the picture of a QR code, which has no text at all."""
    allowed = re.compile(r"""('[^']*'|"[^"]*"|\bqr)\|safe""")
    for name, lines in _sources():
        if name.endswith(".html"):
            text = "\n".join(lines)
            assert len(re.findall(r"\|\s*safe\b", text)) == len(allowed.findall(text)), name
            assert "autoescape" not in text, name


@pytest.mark.static
def test_scripts_put_text_into_pages_as_text():
    risky = re.compile(r"innerHTML|outerHTML\s*=|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc")
    found = [name for name, lines in _sources() if name.endswith(".js") and any(map(risky.search, lines))]
    assert found == ["static/alerts.js"]  # which shows what the server has rendered


def test_block_rendered_alone_equals_its_part_of_the_page(admin):
    page = soup(admin.get("/accounts?edit=3"))
    for url in ("/accounts/3/edit", "/accounts/4/row"):
        fragment = soup(admin.get(url, htmx=True)).tbody
        if url.endswith("row"):
            del fragment.select_one("#edit-link-4")["autofocus"]
        assert str(fragment) == str(page.select_one(f"#{fragment['id']}"))
