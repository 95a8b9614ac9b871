"""Exit with 0 if sipweb's web server in this container can serve requests."""

import os
import sys
import urllib.request

try:
    with urllib.request.urlopen(f"http://127.0.0.1:{os.environ.get('SIPWEB_PORT', '8000')}/healthz", timeout=10):
        pass
except OSError as error:
    sys.exit(str(error))
