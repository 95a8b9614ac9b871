"""The settings of the running application, with their type."""

from flask import current_app

from ..config import Settings


def current_settings() -> Settings:
    """Return the settings that create_app was given."""
    settings: Settings = current_app.config["SETTINGS"]
    return settings
