"""The automatic set-up of an account's phone: its address is made, renewed and ended here."""

from flask import flash, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from ...core.errors import Invalid
from ...core.rights import Right
from ...services import provisioning as service
from ..access import current_actor, recent_sign_in, requires
from ..compression import do_not_compress
from ..list_query import query_args
from ..locale import translate
from .context import list_query
from .forms import ProvisioningForm
from .phone_settings import show_phone_card
from .phone_setup import PhoneSetup
from .views import bp


@bp.post("/accounts/<int:account_id>/phone/setup")
@requires(Right.SHOW_PASSWORDS)
@recent_sign_in
@do_not_compress
def set_up_phone(account_id: int) -> ResponseReturnValue:
    """Make the address at which the phone fetches its settings, and show it this once."""
    form = ProvisioningForm()
    if form.validate():
        try:
            token = service.set_up(current_actor(), account_id, form.vendor.data, form.mac.data)
            return show_phone_card(account_id, setup=PhoneSetup.of(account_id, token=token))
        except Invalid as error:
            form[error.field or "vendor"].errors = [translate(error)]
    return make_response(show_phone_card(account_id, setup=PhoneSetup.of(account_id, form)), 422)


@bp.post("/accounts/<int:account_id>/phone/setup/remove")
@requires(Right.EDIT)
def remove_phone(account_id: int) -> ResponseReturnValue:
    """End the address."""
    service.remove(current_actor(), account_id)
    flash(gettext("The address has ended. The phone keeps the settings that it has."))
    return _phone_settings(account_id)


@bp.post("/accounts/<int:account_id>/phone/setup/allow")
@requires(Right.SHOW_PASSWORDS)
@recent_sign_in
def allow_phone(account_id: int) -> ResponseReturnValue:
    """Let the phone fetch its settings from the address at which it was refused."""
    address = request.form.get("address", "")
    service.allow(current_actor(), account_id, address)
    flash(gettext("The phone may now fetch its settings from %(address)s.", address=address))
    return _phone_settings(account_id)


def _phone_settings(account_id: int) -> ResponseReturnValue:
    return redirect(url_for(".phone_settings", account_id=account_id, **query_args(list_query())), 303)
