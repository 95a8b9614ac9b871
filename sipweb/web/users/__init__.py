"""Administration → Users."""

from .views import bp

__all__ = ["bp"]
