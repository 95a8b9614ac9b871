"""Two real Asterisks that run one configuration as PBX hosts, without a server of sipweb."""

import subprocess
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from sipweb.core.asterisk import render
from sipweb.core.errors import OperationRefused
from sipweb.core.snapshot import HostAddress, Snapshot
from sipweb.pbx import control, local_asterisk, status
from sipweb.pbx.ami import AmiClient, AmiError
from sipweb.pbx.connection import PbxConnection
from sipweb.pbx.event_listener import EventListener
from sipweb.pbx.generation_files import GenerationFiles
from sipweb.services.context import ServiceContext
from tests.pbx.phones import LOOPBACK, Phone
from tests.servers import free_port, free_sip_port, rtp_ports, wait_for


@dataclass
class PbxHost:
    """One Asterisk. `ctx` is the context of a sipweb on that host."""

    name: str
    config: local_asterisk.LocalAsteriskConfig
    ctx: ServiceContext
    listener: EventListener
    process: subprocess.Popen | None = None

    @property
    def address(self):
        return HostAddress(self.name, LOOPBACK, self.config.sip_port)

    def write(self, snapshot, **keys):
        """Write the files of a snapshot as this host renders them. Keywords are other fields of its Renderer."""
        files, number = self.ctx.generation_files, self.ctx.generation_files.current() + 1
        files.write(number, render(snapshot, replace(self.ctx.renderer, **keys)))
        files.activate(number)

    def start(self):
        installation = local_asterisk.find_asterisk()
        local_asterisk.configure(self.config, installation)
        with (self.config.directory / "asterisk.conf").open("a") as file:
            file.write(f"systemname={self.name}\n")
        with (self.config.directory / "manager.conf").open("a") as file:  # for what only tests do
            file.write("\n[tester]\nsecret=tester\nread=call\nwrite=call\n")
        with open(self.config.console_log, "w") as out:
            self.process = subprocess.Popen(local_asterisk.argv(self.config, installation), stdout=out, stderr=out)

    def wait_until_up(self):
        assert local_asterisk.wait_until_up(self.config), self.config.console_log.read_text()
        wait_for(self.has_loaded, "Asterisk read its accounts")
        if not self.listener.is_alive():
            self.listener.start()

    def has_loaded(self):
        try:
            with self.ctx.pbx.open() as ami:
                return bool(ami.events("ShowDialPlan", Context="sipweb-marker"))
        except OperationRefused:
            return False

    def reload(self, snapshot, **keys):
        self.write(snapshot, **keys)
        with self.ctx.pbx.open() as ami:
            control.reload(ami)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def channels(self):
        with self.ctx.pbx.open() as ami:
            return [item["Channel"] for item in ami.events("CoreShowChannels") if "Channel" in item]

    def registered(self):
        with self.ctx.pbx.open() as ami:
            return {*status.registered_phones(ami)}

    def action(self, name, **fields):
        with AmiClient.connect(LOOPBACK, self.config.ami_port, "tester", "tester") as ami:
            ami.action(name, **fields)

    def hang_up_all(self):
        for channel in self.channels():
            with suppress(AmiError):  # it went with the other side
                self.action("Hangup", Channel=channel)

    def forget_phones(self):
        """Let no phone be registered."""
        with self.ctx.pbx.open() as ami:
            control.remove_contacts(ami, {*status.registered_phones(ami)})

    def sees(self, other):
        """Return the state of another host's contact."""
        with self.ctx.pbx.open() as ami:
            try:
                items = ami.events("PJSIPShowEndpoint", Endpoint=f"sipweb-host-{other.name}")
            except AmiError:
                return ""
        return next((item["Status"] for item in items if item.get("Event") == "ContactStatusDetail"), "")

    def log(self):
        return (self.config.state / "log/messages.log").read_text(errors="replace")


class Hosts:
    """The hosts by name, one snapshot for all, and the phones."""

    def __init__(self, folder: Path, ctx: ServiceContext, snapshot: Snapshot, names="ab"):
        self._folder, self._phones = folder, []
        self.hosts = [_host(folder / name, ctx, name, index) for index, name in enumerate(names)]
        settings = replace(snapshot.settings, hosts=tuple(host.address for host in self.hosts))
        self.snapshot = replace(snapshot, settings=settings)
        for host in self.hosts:
            host.write(self.snapshot)
            host.start()
        for host in self.hosts:
            host.wait_until_up()
        for host in self.hosts:
            others = [other for other in self.hosts if other is not host]
            wait_for(lambda host=host, others=others: {host.sees(one) for one in others} == {"Reachable"}, "they meet")

    def __iter__(self):
        return iter(self.hosts)

    def phone(self, host, number):
        """Return a phone that is registered at this host."""
        account = self.snapshot.by_number[str(number)]
        phone = Phone(self._folder, host.config.sip_port, number, host.ctx.cipher.decrypt(account.secret))
        self._phones.append(phone)
        assert phone.register() == 200
        return phone

    def wait_until_quiet(self):
        wait_for(lambda: not any(host.channels() for host in self.hosts), "all calls have ended")

    def close(self):
        for phone in self._phones:
            phone.close()
        for host in self.hosts:
            host.kill()


def _host(folder, ctx, name, index):
    """Return a host that is not started. `index` is below 3: there are no more RTP ports."""
    (folder / "state/log").mkdir(parents=True)
    ports = tuple(map(int, rtp_ports(index).split("-")))
    config = local_asterisk.LocalAsteriskConfig(
        folder / "asterisk", folder / "state", free_port(), "sipweb", "test-secret", free_sip_port(), free_port(),
        ports, recordings=folder / "recordings",
    )  # fmt: skip
    pbx = PbxConnection("local", LOOPBACK, config.ami_port, config.ami_user, config.ami_secret)
    files, recordings = GenerationFiles(config.directory / "sipweb"), folder / "recordings"
    ctx = replace(
        ctx, host=name, pbx=pbx, generation_files=files, recordings_dir=recordings, spool_dir=config.state / "spool"
    )
    return PbxHost(name, config, ctx, EventListener(pbx))
