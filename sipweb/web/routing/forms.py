"""The forms of a trunk's row and of a route's row."""

from functools import partial

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, PasswordField, SelectField, StringField

from ...core.errors import N_, Invalid
from ...services.routes import RouteInput
from ...services.trunks import TrunkInput
from ...setting_parsers import TRANSPORTS
from ..forms import MAX_200, ChoiceField, RowForm, labelled_choices, optional_id, parse_id
from ..labels import DTMF_MODES


class RoutingForm(RowForm):
    """What the rows of trunks and routes share."""

    name = StringField(_l("Name"))
    active = BooleanField(_l("Active"), default=True)

    def number(self, name: str, low: int, high: int) -> int:
        """Return a field's whole number. Raises Invalid."""
        number = parse_id(self._fields[name].data)
        if number is None or not low <= number <= high:
            raise Invalid(N_("Enter a whole number from %(low)s to %(high)s."), name, low=low, high=high)
        return number

    @property
    def version_number(self) -> int:
        """The version that the form was made from. Raises Invalid."""
        return self.number("version", 0, 10**9 - 1)


class TrunkForm(RoutingForm):
    """One trunk's row. `available` are the transports that the PBX has."""

    available: tuple[str, ...] = TRANSPORTS
    host = StringField(_l("Host"))
    port = StringField(_l("Port"), default="5060")
    transport = SelectField(_l("Transport"), choices=list(TRANSPORTS), default="udp", validate_choice=False)
    username = StringField(_l("User"), name="user")
    caller_id = StringField(_l("Caller ID"), name="caller")
    from_user = StringField(_l("From user"))
    from_domain = StringField(_l("From domain"))
    send_pai = BooleanField(_l("Send P-Asserted-Identity"))
    dtmf_mode = ChoiceField(
        _l("DTMF"), choices=partial(labelled_choices, "dtmf_mode", tuple(DTMF_MODES)), default="auto", name="dtmf"
    )
    realm = StringField(_l("Realm"))
    register = BooleanField(_l("Register with the provider"))
    secret = PasswordField(_l("Password"), [MAX_200])

    def set_transports(self, available: tuple[str, ...], current: str) -> None:
        """Offer these transports, and the trunk's current one ("" for none) even if it is not available."""
        self.available = available
        self.transport.choices = [name for name in TRANSPORTS if name in (*available, current)]

    @property
    def values(self) -> TrunkInput:
        """What was typed. Raises Invalid."""
        if self.transport.data not in self.available:
            offered = ", ".join(self.available).upper()
            raise Invalid(N_("The PBX supports only: %(offered)s."), "transport", offered=offered)
        return TrunkInput(
            name=self.name.data or "",
            host=self.host.data or "",
            port=self.number("port", 1, 65535),
            transport=self.transport.data,
            username=(self.username.data or "").strip(),
            caller_id=self.caller_id.data or "",
            realm=(self.realm.data or "").strip(),
            register=self.register.data,
            active=self.active.data,
            secret=self.secret.data or "",
            from_user=(self.from_user.data or "").strip(),
            from_domain=(self.from_domain.data or "").strip(),
            send_pai=self.send_pai.data,
            dtmf_mode=self.dtmf_mode.data,
        )


class RouteForm(RoutingForm):
    """One route's row."""

    pattern = StringField(_l("Dial pattern"))
    level = StringField(_l("Minimum level"), default="10")
    trunk_id = SelectField(_l("Trunk"), coerce=optional_id, validate_choice=False, choices=[])
    strip_digits = StringField(_l("Strip digits"), default="0", name="strip")
    prepend_digits = StringField(_l("Prepend"), name="prepend")
    emergency = BooleanField(_l("Use for emergency calls"))
    active = BooleanField(_l("Rule active"), default=True)

    shown_as = {"trunk_id": "trunk"}

    @property
    def values(self) -> RouteInput:
        """What was typed. Raises Invalid."""
        return RouteInput(
            name=self.name.data or "",
            pattern=self.pattern.data or "",
            level=self.number("level", 0, 100),
            trunk_id=self.trunk_id.data or 0,
            strip_digits=self.number("strip_digits", 0, 32),
            prepend_digits=self.prepend_digits.data or "",
            emergency=self.emergency.data,
            active=self.active.data,
        )
