"""The automatic set-up of an account's phone, as the page with the phone's settings shows it."""

from dataclasses import dataclass
from typing import Self

from flask import request
from flask_babel import gettext

from ...core.provisioning import VENDORS
from ...services import provisioning
from ...services.provisioning import PhoneView
from ..settings import current_settings
from .forms import ProvisioningForm

# Where the address is entered: menus of the phones' own web pages, which their vendors do not translate alike.
PLACES = {
    "yealink": "Settings → Auto Provision → Server URL",
    "grandstream": "Maintenance → Upgrade and Provisioning → Config Server Path",
    "snom": "Setup → Advanced → Update → Setting URL",
    "fanvil": "System → Auto Provision → Static Provisioning Server → Server Address",
    "linphone": "Settings → Advanced → Remote provisioning URL",
}


@dataclass(frozen=True, slots=True)
class PhoneSetup:
    """What the page shows. `phone` is None before a phone is set up; `address` is "" unless it was made just now."""

    phone: PhoneView | None
    form: ProvisioningForm
    address: str = ""

    @classmethod
    def of(cls, account_id: int, form: ProvisioningForm | None = None, token: str = "") -> Self:
        """Return the set-up of an account's phone, with what was entered if that was refused."""
        phone = provisioning.find(account_id)
        if form is None or token:
            form = ProvisioningForm(formdata=None, obj=phone)
        address = f"{request.host_url}provisioning/{token}/" if token else ""
        return cls(phone, form, address + VENDORS[phone.vendor].address_ending if phone and token else address)

    @property
    def is_possible(self) -> bool:
        """Whether a phone can fetch anything at the address under which this page was opened."""
        return request.is_secure or current_settings().provisioning_http

    def steps(self) -> list[str]:
        """Return what to do with the address."""
        vendor = self.phone.vendor if self.phone else ""
        steps = [gettext("Enter the address in the phone: %(place)s.", place=PLACES[vendor])]
        if vendor == "grandstream":
            steps.append(gettext("Choose HTTPS under Config Upgrade Via, and enter the address without https://."))
        if vendor == "fanvil":
            steps.append(gettext("Enter $mac.cfg as Configuration File Name and choose HTTPS as Protocol Type."))
        steps.append(gettext("Restart the phone. The IP address from which it asks first is the only one allowed."))
        return steps
