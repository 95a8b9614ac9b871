"""Fixtures of the tests of the account list."""

import pytest

from tests.web.accounts.polling import PollingPage


@pytest.fixture
def open_page(admin):
    """Return the account list, which polls."""
    return PollingPage(admin)
