"""Administration → Telecommunication → Trunks, and Call routing: two lists of one manner."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, current_app, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from jinja2_fragments.flask import render_blocks

from ..core.errors import N_, Invalid, NotFound
from ..services import presence
from ..services import ways as service
from ..services.state import state
from ..services.ways import StaleWay
from . import htmx
from .auth import me, site
from .dialling import question
from .forms import RuleForm, TrunkForm, WayForm, whole
from .words import REGISTRATIONS, say

pages = Blueprint("ways", __name__)


@dataclass(frozen=True, slots=True)
class _Kind:
    """One of the two lists."""

    name: str
    form: type[WayForm]
    listed: Callable[[], tuple[Any, ...]]
    save: Callable[[int | None, int, Any], int]
    delete: Callable[[int], None]


def _kind(kind: str) -> _Kind:
    if kind == "trunks":
        return _Kind(
            kind, TrunkForm, service.trunks, lambda key, version, draft: service.save_trunk(site(), me(), key, version, draft),
            lambda key: service.delete_trunk(me(), key),
        )  # fmt: skip
    return _Kind(
        kind, RuleForm, service.rules, lambda key, version, draft: service.save_rule(me(), key, version, draft),
        lambda key: service.delete_rule(me(), key),
    )  # fmt: skip


@pages.get("/<any(trunks, routes):kind>")
def page(kind: str) -> ResponseReturnValue:
    """The whole list."""
    of = _kind(kind)
    forms = {way.id: _form(of, way) for way in of.listed() if str(way.id) == request.args.get("edit")}
    return _page(of, forms=forms, adding=_form(of) if "add" in request.args else None)


@pages.get("/trunks/live")
def live() -> ResponseReturnValue:
    """How the trunks stand now; 204 when that is what the page shows."""
    if not htmx.asked():
        return redirect(url_for(".page", kind="trunks"))
    of = _kind("trunks")
    found = _context(of, ways=of.listed(), polled=True)
    return ("", 204) if found["seen"] == request.args.get("seen") else _blocks(of, ["poll"], **found)


@pages.get("/<any(trunks, routes):kind>/new")
def new(kind: str) -> ResponseReturnValue:
    """The add form."""
    of = _kind(kind)
    return _blocks(of, ["add"], adding=_form(of)) if htmx.asked() else redirect(url_for(".page", kind=kind, add=1))


@pages.get("/<any(trunks, routes):kind>/new/close")
def close(kind: str) -> ResponseReturnValue:
    """The place of the add form, empty."""
    return _blocks(_kind(kind), ["add"]) if htmx.asked() else redirect(url_for(".page", kind=kind))


@pages.get("/<any(trunks, routes):kind>/<int:way_id>/edit")
def edit(kind: str, way_id: int) -> ResponseReturnValue:
    """One row as its form."""
    of = _kind(kind)
    way = _way(of, way_id)
    if not htmx.asked():
        return redirect(url_for(".page", kind=kind, edit=way_id, _anchor=f"way-{way_id}"))
    return _blocks(of, ["rows"], ways=[way], forms={way_id: _form(of, way)})


@pages.get("/<any(trunks, routes):kind>/<int:way_id>/row")
def row(kind: str, way_id: int) -> ResponseReturnValue:
    """One row as it is read."""
    of = _kind(kind)
    if not htmx.asked():
        return redirect(url_for(".page", kind=kind, _anchor=f"way-{way_id}"))
    return _blocks(of, ["rows"], ways=[_way(of, way_id)], focus=f"e{way_id}")


@pages.post("/<any(trunks, routes):kind>")
def add(kind: str) -> ResponseReturnValue:
    """Save a new one."""
    of = _kind(kind)
    form = _form(of, formdata=request.form)
    if form.validate():
        try:
            key = of.save(None, 0, form.draft)
            sentence = gettext("%(name)s was added.", name=form.name.data.strip())
            return _saved(of, key, sentence, ["add", "added", "said"], "#add")
        except Invalid as error:
            form.refuse(error)
    return _blocks(of, ["add"], status=422, adding=form) if htmx.asked() else _page(of, adding=form, status=422)


@pages.post("/<any(trunks, routes):kind>/<int:way_id>")
def save(kind: str, way_id: int) -> ResponseReturnValue:
    """Save one row's form."""
    of = _kind(kind)
    way, stale = _way(of, way_id), ""
    form = _form(of, way, formdata=request.form)
    if form.validate():
        try:
            version = form.number("version", 0, 10**9 - 1)
            of.save(way_id, version, form.draft)
            sentence = gettext("%(name)s was saved.", name=form.name.data.strip())
            return _saved(of, way_id, sentence, ["rows", "said"], f"#way-{way_id}")
        except StaleWay as error:
            form.version.raw_data, form.version.data = None, str(error.theirs.version)
            stale = say(error)
        except Invalid as error:
            form.refuse(error)
    found: dict[str, Any] = {"forms": {way_id: form}, "stale": {way_id} if stale else set(), "sentence": stale}
    status = 409 if stale else 422
    if not htmx.asked():
        return _page(of, status=status, **found)
    return htmx.into(_blocks(of, ["rows", "said"], status=status, ways=[way], **found), f"#way-{way_id}", "outerHTML")


@pages.route("/<any(trunks, routes):kind>/<int:way_id>/delete", methods=["GET", "POST"])
def delete(kind: str, way_id: int) -> ResponseReturnValue:
    """Ask, then delete."""
    of = _kind(kind)
    way = _way(of, way_id)
    if request.method == "GET":
        return render_template("way_delete.html", way=way, kind=kind)
    of.delete(way_id)
    flash(gettext("%(name)s was deleted.", name=way.name))
    return redirect(url_for(".page", kind=kind), 303)


@pages.post("/routes/<int:way_id>/<any(up, down, to):where>")
def move(way_id: int, where: str) -> ResponseReturnValue:
    """Move a rule in the order: up, down, behind another one, or to a position."""
    of = _kind("routes")
    before = service.move(me(), way_id, _place(of, _way(of, way_id), where))
    if not htmx.asked():  # no anchor: it would take the focus
        return redirect(url_for(".page", kind="routes", moved=f"{where}{way_id}"), 303)
    moved = _way(of, way_id)
    sentence = gettext("%(name)s is number %(position)s in the order now.", name=moved.name, position=moved.position)
    focus = "" if where == "to" else f"{where}{way_id}"
    return _blocks(of, ["moved", "said"], moved=moved, before=before, focus=focus, sentence=sentence, changed=True)


def _place(of: _Kind, rule: Any, where: str) -> int:
    """Where a rule is to go. What stands before it as somebody saw the list says more than a count of an older list."""
    if where != "to":
        return int(rule.position) + (-1 if where == "up" else 1)
    after = request.form.get("after")
    if after:
        before: int = _way(of, whole(after) or 0).position
        return before + (before < rule.position)  # once the rule is out of its place
    to = 1 if after == "" else whole(request.form.get("position"))
    return rule.position if to is None else to


def _form(of: _Kind, way: Any = None, **kwargs: Any) -> WayForm:
    form = of.form(way, **{"formdata": None} | kwargs)
    if isinstance(form, RuleForm):
        form.trunk_id.choices = [(trunk.id, trunk.name) for trunk in service.trunks()]
    settings = current_app.config["SETTINGS"]
    if isinstance(form, TrunkForm) and settings.pbx == "local":
        form.offer(settings.sip_transports, way.transport if way else "")
    if way is None and "formdata" not in kwargs:
        form.active.data = True
    return form


def _way(of: _Kind, way_id: int) -> Any:
    way = next((way for way in of.listed() if way.id == way_id), None)
    if way is None:
        raise NotFound(N_("This does not exist any more."))
    return way


def _saved(of: _Kind, key: int, sentence: str, blocks: list[str], target: str) -> ResponseReturnValue:
    if not htmx.asked():
        flash(sentence)
        return redirect(url_for(".page", kind=of.name, _anchor=f"way-{key}"), 303)
    response = _blocks(of, blocks, ways=[_way(of, key)], focus=f"e{key}", sentence=sentence, changed=True)
    return htmx.into(response, target, "outerHTML")


def _standing(trunk: Any) -> tuple[str, str]:
    """A trunk's state as a class of the list and in words: what Asterisk said a few seconds ago."""
    watch, runs = presence.watch(site()), any(trunk.id == one.id for one in state(site()).live.trunks)
    if not runs:
        return ("new", gettext("Not generated yet")) if trunk.active else ("off", gettext("Inactive"))
    found = watch.trunks.get(trunk.id)
    if found is None:
        return "idle", gettext("Not known")
    words = [gettext("answers") if found.reachable else gettext("does not answer")]
    if found.registration:
        words.append(str(REGISTRATIONS.get(found.registration, found.registration)))
    well = found.reachable and found.registration in ("", "Registered")
    return "registered" if well else "down", ", ".join(words)


def _seen() -> str:
    """A mark of how all trunks stand."""
    said = "".join(f"{trunk.id}{_standing(trunk)}" for trunk in service.trunks())
    return hashlib.sha256(said.encode()).hexdigest()[:12]


def _context(of: _Kind, **given: object) -> dict[str, Any]:
    current = state(site())
    empty: dict[str, Any] = {
        "ways": [], "forms": {}, "stale": set(), "adding": None, "focus": "", "sentence": "", "changed": False,
        "moved": None, "before": None, "standing": _standing, "polled": False,
        "seen": _seen() if of.name == "trunks" else "",
    }  # fmt: skip
    return {**empty, "pending": lambda: current, "kind": of.name, **given}


def _blocks(of: _Kind, names: list[str], *, status: int = 200, **given: object) -> Any:
    return make_response(render_blocks("ways.html", names, **_context(of, **given)), status)


def _page(of: _Kind, *, status: int = 200, sentence: str = "", **given: object) -> ResponseReturnValue:
    if sentence:
        flash(sentence)
    found = _context(of, ways=of.listed(), focus=request.args.get("moved", ""), **question(), **given)
    return render_template("ways.html", **found), status
