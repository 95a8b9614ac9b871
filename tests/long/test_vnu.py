"""The Nu Html Checker finds no error in the pages."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from sipweb.services import accounts, generations
from tests.builders import WHO, make_user
from tests.web.routing.conftest import ROUTE, TRUNK

pytestmark = pytest.mark.long
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sipweb" / "vnu"
JAR = CACHE / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
IGNORED = [
    "Attribute “hx-.*” not allowed on element.*",  # htmx's attributes are not HTML's
    # A switch that saves at once, without scripts too. ARIA in HTML allows it; the checker wants type=button for it.
    "Attribute “formaction” not allowed on element “button” at this point.",
    "Element “button” is missing one or more of the following attributes: “type”.",
]
PAGES = [
    "/accounts", "/accounts?edit=4", "/accounts?add=1", "/accounts?q=nobody", "/accounts/6/delete", "/accounts/6/phone",
    "/users", "/users?edit=1", "/users?add=1", "/users/2/assignment", "/trunks", "/trunks?edit=1", "/trunks?add=1",
    "/routes", "/routes?edit=1", "/routes?add=1", "/routes?from=200&number=221234567", "/generation", "/generation/2",
    "/audit", "/recordings", "/calls", "/account", "/agent", "/nowhere",
]  # fmt: skip


@pytest.fixture
def vnu():
    """The checker's command."""
    if shutil.which("java") is None or not JAR.is_file():
        pytest.skip("no vnu or no Java: run scripts/get-tools long")
    return [
        "java",
        "-Xss4m",
        "-jar",
        str(JAR),
        "--format",
        "json",
        "--errors-only",
        "--filterpattern",
        "|".join(IGNORED),
    ]


def test_pages_are_valid_html(anonymous, admin, ctx, tmp_path, vnu):
    make_user("anna", "Anna Nowak")
    for number in range(300, 1000):
        accounts.create(ctx, WHO, accounts.AccountInput(number=number, phone="other"))
    accounts.update(ctx, WHO, 6, 1, accounts.AccountInput(number=205, phone="other", level=40))
    admin.post("/trunks", **TRUNK)
    admin.post("/routes", **ROUTE)
    generations.generate(ctx, WHO)
    accounts.set_flag(ctx, WHO, 8, 1, name="active", value=False)
    pages = {"login": anonymous.get("/login"), "refused": admin.post("/accounts/4", number="x", level="140")}
    pages |= {path: admin.get(path) for path in PAGES}
    for name, answer in pages.items():
        (tmp_path / f"{name.translate(str.maketrans('/?=&', '____'))}.html").write_text(answer.text)
    checked = subprocess.run(
        [*vnu, *map(str, tmp_path.glob("*.html"))], capture_output=True, text=True, timeout=300, check=False
    )  # fmt: skip
    messages = json.loads(checked.stderr)["messages"]
    assert {(Path(m["url"]).name, m["message"], m.get("extract")) for m in messages if m["type"] != "info"} == set()
