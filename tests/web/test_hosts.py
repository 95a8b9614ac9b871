"""What the pages, the monitoring and the commands show of several PBX hosts."""

from dataclasses import replace

from sipweb.core.snapshot import HostAddress
from tests.client import soup, text_of


def test_hosts_that_join_are_readable_in_the_plan(admin, app, ctx):
    hosts = (HostAddress("pbx-1", "192.0.2.1", 5060), HostAddress("pbx-2", "2001:db8::2", 5061, "tls"))
    app.extensions["sipweb"] = replace(ctx, pbx_settings=replace(ctx.pbx_settings, hosts=hosts))
    ctx.cache.clear()
    plan = text_of(soup(admin.get("/generation")).select_one(".plan"))
    assert plan == "Settings changed PBX hosts only one → pbx-1 (192.0.2.1:5060/udp), pbx-2 ([2001:db8::2]:5061/tls)"
    result = app.test_cli_runner().invoke(args=["plan"])
    assert "pbx-1 (192.0.2.1:5060/udp), pbx-2 ([2001:db8::2]:5061/tls)" in result.output
