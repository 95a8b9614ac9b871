"""Administration → Telecommunication → SIP accounts."""

from . import bulk, phone_cards, phone_settings, provisioning, updates  # noqa: F401  # add their views to the blueprint
from .views import bp

__all__ = ["bp"]
