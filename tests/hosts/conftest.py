"""Fixtures of tests with two PBX hosts."""

import pytest

from sipweb.pbx.local_asterisk import find_asterisk
from tests import postgres
from tests.hosts.pair import Pair


@pytest.fixture(scope="module")
def shared_pair(tmp_path_factory, postgresql, postgresql_template):
    """Return two hosts that the tests of a module share."""
    if find_asterisk() is None:
        pytest.skip("no Asterisk: run make pbx")
    template, url = postgresql_template
    with postgres.copied(postgresql, "pair", url.database) as database:
        pair = Pair(tmp_path_factory.mktemp("pair"), template, database)
        try:
            yield pair
        finally:
            pair.end()


@pytest.fixture
def pair(shared_pair):
    """Return the two hosts, both running the same, with nothing pending."""
    shared_pair.start()
    return shared_pair
