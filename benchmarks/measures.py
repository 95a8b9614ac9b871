"""The measures, in the order of a whole run."""

from benchmarks.comparisons import measure_browser, measure_bulk, measure_http, measure_memory, measure_search
from benchmarks.sipweb_measures import (
    measure_banner,
    measure_generation,
    measure_growth,
    measure_hosts,
    measure_import,
    measure_live,
    measure_logins,
    measure_softphone,
    measure_usage,
)

MEASURES = {
    "http": measure_http,
    "browser": measure_browser,
    "memory": measure_memory,  # before the measures that only some subjects have, and that leave their caches behind
    "search": measure_search,
    "bulk": measure_bulk,
    "import": measure_import,
    "live": measure_live,
    "usage": measure_usage,
    "banner": measure_banner,
    "generation": measure_generation,
    "logins": measure_logins,
    "softphone": measure_softphone,
    "hosts": measure_hosts,
    "growth": measure_growth,
}
