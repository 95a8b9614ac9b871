"""Cards to print and hand out with the phones of selected accounts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from ...core.numbers import number_ranges
from ...core.phone_steps import PhoneSteps
from ...core.rights import Right
from ...services import phone_cards as service
from ...services.account_secrets import RevealedSecret
from ...services.phone_cards import HandedOut
from ...services.sip_servers import sip_servers
from ..access import current_actor, current_context, recent_sign_in, requires
from ..compression import do_not_compress
from ..labels import phone_name
from ..list_query import query_args
from .context import list_query
from .phone_card import PhoneCard, server_warnings, steps_for
from .selection import selected_ids
from .views import bp


@dataclass(frozen=True, slots=True)
class PhoneCards:
    """What the page of cards shows; `refused` are ranges of numbers without a card by the reason, in words."""

    cards: Sequence[tuple[PhoneCard, RevealedSecret]]
    refused: Mapping[str, str]
    changed: str
    warnings: Sequence[str]
    steps: Sequence[PhoneSteps]

    @classmethod
    def of(cls, handed_out: HandedOut) -> "PhoneCards":
        """Return the page."""
        reasons, servers = _reasons(), sip_servers(current_context())
        return cls(
            [(PhoneCard.of(account, handed_out.state, servers), secret) for account, secret in handed_out.secrets],
            {reasons[reason]: number_ranges(numbers) for reason, numbers in handed_out.refused.items()},
            number_ranges(handed_out.changed),
            list(server_warnings(servers)),
            steps_for(gettext("the username on the card"), gettext("the password on the card"), servers),
        )


@bp.post("/accounts/cards")
@requires(Right.SHOW_PASSWORDS)
@recent_sign_in
@do_not_compress
def phone_cards() -> ResponseReturnValue:
    """Show the cards of the selected accounts; the audit log notes whose passwords they have."""
    ids = selected_ids()
    page = PhoneCards.of(service.hand_out(current_context(), current_actor(), ids))
    text = render_template(
        "accounts/phone_cards.html", page=page, is_empty=not ids, list_args=query_args(list_query())
    )  # fmt: skip
    return text, 200 if page.cards else 422


def _reasons() -> dict[str, str]:
    return {
        "builtin": gettext("uses %(phone)s", phone=phone_name("builtin")),
        "not_live": gettext("not live yet – generate the configuration first"),
        "inactive": gettext("inactive"),
        "deleted": gettext("deleted"),
    }
