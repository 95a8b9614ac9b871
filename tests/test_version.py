"""The version: in one place, in the changelog, and where an administrator looks for it."""

import platform
import re
import tomllib

from sipweb import create_app
from sipweb.config import ROOT, load
from sipweb.version import VERSION, schemas
from tests.builders import AGENT_PASSWORD
from tests.client import Client


def test_changelog_and_package_have_the_version_of_the_code():
    versions = re.findall(r"^## \[(\d+\.\d+\.\d+)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert versions[0] == VERSION
    assert versions == sorted(versions, reverse=True)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert "version" not in project["project"]
    assert project["tool"]["setuptools"]["dynamic"]["version"]["attr"] == "sipweb.version.VERSION"


def test_command_shows_what_is_installed_before_and_after_set_up(app, tmp_path):
    newest = schemas()[-1]
    lines = f"sipweb {VERSION}\nschema {newest}\nPython {platform.python_version()}\n"
    assert app.test_cli_runner().invoke(args=["version"]).stdout == lines


def test_command_works_before_set_up_and_creates_nothing(tmp_path):
    app = create_app(load({"SIPWEB_INSTANCE": str(tmp_path / "i"), "SIPWEB_PBX": "files"}))
    result = app.test_cli_runner().invoke(args=["version"])
    assert (result.exit_code, " (database: none)\n" in result.stdout) == (0, True)
    assert not (tmp_path / "i").exists()


def test_administrators_see_the_version_and_agents_do_not(app, admin, anna):
    assert f"sipweb {VERSION}" in admin.get("/account").text
    agent = Client(app)
    agent.login("anna", AGENT_PASSWORD)
    assert VERSION not in agent.get("/account").text
