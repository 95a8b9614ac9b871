"""The agent's page with its softphone, and the JSON interface for agent applications."""

from .api import bp as api_bp
from .page import bp as page_bp

__all__ = ["api_bp", "page_bp"]
