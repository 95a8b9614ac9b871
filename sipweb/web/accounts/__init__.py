"""Administration → Telecommunication → SIP accounts."""

from . import updates  # noqa: F401  # adds its view to the blueprint
from .views import bp

__all__ = ["bp"]
