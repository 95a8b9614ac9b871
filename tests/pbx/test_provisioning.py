"""A real linphone fetches its settings, reads them and registers with a real Asterisk."""

import pytest

from sipweb.pbx import status
from sipweb.services import generations, provisioning
from tests.builders import WHO, edit_account
from tests.certificates import make_certificate
from tests.pbx.softphones import provisioned_linphone
from tests.servers import app_of_server, free_sip_port, health, serving, wait_for

SECRET = "a:b@c/d?e;f%20g&h<i>\"j'k"  # characters with a meaning in SIP addresses, in XML and in Linphone's file


@pytest.mark.parametrize("transport", ["udp", "tls"])
def test_linphone_registers_with_the_settings_that_it_fetched(instance, tmp_path, transport):
    cert, key = make_certificate(tmp_path)
    settings = {"pbx": "local", "provisioning_http": "yes", "sip_port": str(free_sip_port())}
    tls = {"sip_transports": transport, "tls_cert": str(cert), "tls_key": str(key)}
    with serving(instance, **settings, **tls) as address:
        wait_for(lambda: b'"asterisk":"ok"' in health(address), "Asterisk answers")
        app = app_of_server(instance)
        with app.app_context():
            ctx = app.extensions["sipweb"]
            edit_account(ctx, 6, phone="other", secret=SECRET)
            assert generations.generate(ctx, WHO).state == "verified"
            token = provisioning.set_up(WHO, 6, "linphone", "")

            def registered():
                with ctx.pbx.open() as ami:
                    return status.registered_phones(ami).get(205)

            with provisioned_linphone(tmp_path / "linphone", f"{address}/provisioning/{token}/linphone.xml", cert):
                wait_for(registered, "linphone registers")
            assert provisioning.find(6).allowed_address == "127.0.0.1"
