"""The search field of a list: what was typed, the help, and what was not understood."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from zoneinfo import ZoneInfo

from flask import make_response, render_template
from flask.typing import ResponseReturnValue
from flask_babel import get_timezone, gettext
from jinja2_fragments.flask import render_blocks

from ..core import search
from ..core.search import Filter, Problem, Search, Term
from ..services.context import utc_now
from . import htmx
from .locale import language


@dataclass(frozen=True)
class ListSearch:
    """What was typed into the search field of a list with these filters."""

    text: str
    filters: Sequence[Filter]
    search: Search = field(init=False)

    def __post_init__(self) -> None:
        understood = search.parse(self.text, self.filters, utc_now().astimezone(ZoneInfo(str(get_timezone()))))
        object.__setattr__(self, "search", understood)  # the dataclass is frozen

    @property
    def status(self) -> int:
        """The HTTP status of the page: 422 where a filter was not understood."""
        return 422 if self.search.problems else 200

    @cached_property
    def messages(self) -> list[str]:
        """Sentences about the filters that were not understood, each once."""
        return list(dict.fromkeys(map(self._message, self.search.problems)))

    def _message(self, problem: Problem) -> str:
        known = problem.filter
        if known is None:
            missing = gettext("There is no filter “%(name)s”.", name=problem.typed)
            if problem.suggestion:
                hint = gettext("Did you mean “%(name)s”?", name=problem.suggestion)
            else:
                names = ", ".join(_word(one.term) for one in self.filters)
                hint = gettext("The filters are: %(names)s.", names=names)
            return f"{missing} {hint}"
        terms = [_word(term) for term in known.terms]
        return gettext(known.value.expected, name=problem.typed, values=", ".join(terms), example="".join(terms[:1]))

    @property
    def help(self) -> list[tuple[str, list[str]]]:
        """What each filter is about, with examples as they are typed."""
        return [
            (gettext(one.label), [f"{_word(one.term)}:{_word(example)}" for example in one.terms])
            for one in self.filters
        ]  # fmt: skip


def _word(term: Term | str) -> str:
    """Return a word in the page's language."""
    return term if isinstance(term, str) else term.pl if language() == "pl" else term.en


def searched_page(template: str, address: str, status: int, **values: object) -> ResponseReturnValue:
    """Return a page that is searched; to htmx only the blocks `results` and `search_updates`.

    `address` is the page's, with what is searched for.
    """
    if not htmx.is_htmx():
        return render_template(template, searched=False, **values), status
    blocks = render_blocks(template, ["results", "search_updates"], searched=True, **values)
    return htmx.replace_address(make_response(blocks, status), address)
