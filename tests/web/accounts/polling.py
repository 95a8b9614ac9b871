"""The account list in a browser that polls for changes."""

import re

from sipweb.db import db
from tests.client import reset_request_globals, soup


class PollingPage:
    """A page that stays open and polls for changes."""

    def __init__(self, client, address="/accounts"):
        self.client, self.address, self.more = client, address, {}
        self._save_url(client.get(address))

    def poll(self):
        reset_request_globals()
        db.session.rollback()
        headers = {"HX-Request": "true", "HX-Current-URL": f"http://localhost{self.address}"}
        response = self.client._client.get(self.url, headers=headers, query_string=self.more or None)
        if response.status_code == 200:
            self._save_url(response)
        return response

    def rows(self):
        """Poll and return the ids of the accounts whose rows are replaced; none for 204."""
        return self._targets(r"#account-(\d+):not\(\.edit\)")

    def states(self):
        """Poll and return the ids of the accounts of which only the state is replaced; none for 204."""
        return self._targets(r"#account-(\d+) \.state")

    def _targets(self, pattern):
        targets = [partial["hx-target"] for partial in soup(self.poll()).select("hx-partial")]
        return {int(match[1]) for target in targets if (match := re.fullmatch(pattern, target))}

    def _save_url(self, response):
        self.url = soup(response).select_one("#poll")["hx-get"]
