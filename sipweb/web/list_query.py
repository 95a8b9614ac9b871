"""The search, filter and order of a list: read from addresses, and put into them."""

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeVar
from urllib.parse import parse_qsl, urlsplit

from flask import request

from . import htmx

Query = TypeVar("Query", bound=NamedTuple)


def read_query(kind: type[Query], endpoint: str) -> Query:
    """Return the query of the list that this request belongs to; `endpoint` is the list's page.

    The page itself has it in its address. Another request of htmx belongs to the page that made it. Without htmx the
    query is in the request's own address, or a row of the list led here, and it is in the address of that page.
    """
    names = kind._fields
    if request.endpoint == endpoint:
        args: Mapping[str, str] = request.args
    elif htmx.is_htmx():
        args = _args(htmx.current_path())
    elif any(name in request.args for name in names):
        args = request.args
    else:
        args = _args(_referring_page())
    found = {name: args[name] for name in names if name in args}
    return kind(**found)  # type: ignore[call-overload]  # mypy takes NamedTuple for the function


def query_args(query: NamedTuple) -> dict[str, Any]:
    """Return the arguments of the list's address; those with their default value are left out."""
    return {name: value for name, value in query._asdict().items() if value != query._field_defaults[name]}


def changed_argument(defaults: Mapping[str, str]) -> str:
    """Return which argument the user has just changed on this same page, so that its control gets the focus back.

    `defaults` are the values of the arguments that are left out, in the order in which they are compared. It is "" when
    another page led here, or when the page opens a form, which has the focus itself. A search that is sent again counts
    as changed.
    """
    before = urlsplit(_referring_page())
    if request.method != "GET" or before.path != request.path or request.args.keys() & {"add", "edit"}:
        return ""
    old, new = {**defaults, **_args(before.geturl())}, {**defaults, **request.args.to_dict()}
    changed = (name for name in defaults if old[name] != new[name])
    sent_again = (name for name in defaults if old == new and new[name] != defaults[name])
    return next(changed, "") or next(sent_again, "")


def _referring_page() -> str:
    """Return the address of our own page that led to this request; "" for another's and for none."""
    referrer = request.referrer or ""
    return referrer if referrer.startswith(request.host_url) else ""


def _args(address: str) -> Mapping[str, str]:
    try:
        return dict(parse_qsl(urlsplit(address).query))
    except ValueError:  # too many arguments, or an address that is none
        return {}
