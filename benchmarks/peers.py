"""The peers that sipweb is compared with, behind gunicorn in an environment of their own."""

import re
import subprocess

from benchmarks.client import Client, Request, fields, replaced
from benchmarks.subjects import ROOT, WORKERS, Subject, holds_for_all

PEERS = ROOT / "benchmarks" / ".venv" / "bin"
THREADS = "4"


class Peer(Subject):
    module = ""

    def seed(self) -> None:
        code = f"from benchmarks.{self.module} import seed; seed()"
        subprocess.run([PEERS / "python", "-c", code], cwd=ROOT, env=self.environment, check=True)

    def command(self) -> list[str]:
        settings = [
            "--worker-class=gthread",
            f"--workers={WORKERS}",
            f"--threads={THREADS}",
            "--no-control-socket",
            "--preload",
            "--timeout=120",
        ]
        return [str(PEERS / "gunicorn"), f"--bind=127.0.0.1:{self.port}", *settings, f"benchmarks.{self.module}:app"]


class FlaskAdmin(Peer):
    name, module = "Flask-Admin", "flask_admin_app"
    search_field, row_selector = "[name=search]", ".model-list tbody tr"
    login_path, login_field, list_path = "/login", "login", "/admin/sipaccount/"

    def edit(self, client: Client, place: int, level: int) -> Request:
        if "token" not in client.memo:
            client.memo["token"] = re.search(r'data-csrf="([^"]+)"', client.get(self.list_path))[1]
        form = [("list_form_pk", str(place + 1)), ("level", str(level)), ("csrf_token", client.memo["token"])]
        return Request(self.list_path + "ajax/update/", form, {"X-Requested-With": "XMLHttpRequest"})

    def open_cell(self, page, place: int):
        page.wait_for_selector(".popover", state="detached")  # the one before fades away
        page.click(self._cell(place))
        return page.locator(".editable-input input")

    def select_all(self, page, level: int):
        page.check(".action-rowtoggle")
        page.click("a.dropdown-toggle:has-text('With selected')")
        return page.locator("a:has-text('Set level')")

    def all_shown(self, level: int) -> str:
        return holds_for_all("'a[name=level]'", f"cell => cell.textContent === '{level}'")

    def shown(self, place: int, level: int) -> str:
        """The popover, which fades away for another 150 ms, is not waited for."""
        return f"document.querySelector('{self._cell(place)}').textContent === '{level}'"

    def _cell(self, place: int) -> str:
        return f'a[name=level][data-pk="{place + 1}"]'


class DjangoAdmin(Peer):
    name, module = "Django admin", "django_app"
    row_selector = "#result_list tbody tr"
    login_path, login_field, list_path = "/admin/login/", "username", "/admin/django_app/sipaccount/"
    edits_per_round = 1  # each takes as long as the others' whole round
    save_button = "[name=_save]"  # in the cell, Enter would start the list's action

    def edit(self, client: Client, place: int, level: int) -> Request:
        """The whole list is one form; the redirect to the list, which follows, is not counted."""
        if "form" not in client.memo:
            client.memo["form"] = fields(client.get(self.list_path), "changelist-form")
        changed = {f"form-{place}-level": str(level), "_save": "Save"}
        client.memo["form"] = replaced(client.memo["form"], **changed)
        return Request(self.list_path, client.memo["form"], expect=(302,))

    def open_cell(self, page, place: int):
        return page.locator(self._cell(place))

    def select_all(self, page, level: int):
        page.check("#action-toggle")
        page.select_option("[name=action]", "set_level")
        return page.locator(".actions button")

    def all_shown(self, level: int) -> str:
        return holds_for_all("'.field-level input'", f"input => input.value === '{level}'")

    def shown(self, place: int, level: int) -> str:
        cell = f"document.querySelector('{self._cell(place)}')"
        return f"document.querySelector('.messagelist .success') && {cell}?.value === '{level}'"

    def _cell(self, place: int) -> str:
        return f"#id_form-{place}-level"
