"""Administration → Telecommunication → Trunks and Call routing."""

from .dial_test import bp as dial_test_bp
from .routes import bp as routes_bp
from .trunks import bp as trunks_bp

__all__ = ["dial_test_bp", "routes_bp", "trunks_bp"]
