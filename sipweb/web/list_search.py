"""The search field of a list: what was typed, the help, and what was not understood."""

import urllib.parse
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

from flask import make_response, render_template
from flask.typing import ResponseReturnValue
from flask_babel import get_timezone, gettext
from jinja2_fragments.flask import render_blocks

from ..core import search
from ..core.search import Problem, Search
from ..core.search_filters import Filter, Term
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
        if problem.suggestion:
            missing = gettext("“%(text)s” needs a colon to be a filter.", text=problem.typed)
            return " ".join([missing, gettext("Did you mean “%(name)s”?", name=problem.suggestion)])
        terms = [_word(term) for term in known.terms]
        return gettext(known.value.expected, name=problem.typed, values=", ".join(terms), example="".join(terms[:1]))

    @property
    def help(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """What each filter is about, with examples as they are typed and as they stand in an address."""
        return [(gettext(one.label), _examples(one, language())) for one in self.filters]


def _examples(one: Filter, language_code: str) -> list[tuple[str, str]]:
    name = _word_in(one.term, language_code)
    texts = [f"{name}:{_word_in(example, language_code)}" for example in one.terms]
    return [(text, _quoted(text)) for text in texts]


_quoted = lru_cache(urllib.parse.quote)  # half of the time that the help takes


def _word(term: Term | str) -> str:
    """Return a word in the page's language."""
    return _word_in(term, language())


def _word_in(term: Term | str, language_code: str) -> str:
    return term if isinstance(term, str) else term.pl if language_code == "pl" else term.en


def searched_page(template: str, address: str, status: int, **values: object) -> ResponseReturnValue:
    """Return a page that is searched; to htmx only the blocks `results` and `search_updates`.

    `address` is the page's, with what is searched for.
    """
    if not htmx.is_htmx():
        return render_template(template, searched=False, **values), status
    blocks = render_blocks(template, ["results", "search_updates"], searched=True, **values)
    return htmx.replace_address(make_response(blocks, status), address)
