"""The image is built on a Debian from debootstrap, and its containers answer /healthz truly with a read-only root."""

import json
import shutil
import subprocess

import pytest

from sipweb.config import ROOT
from tests.deploy import debian
from tests.servers import wait_for

pytestmark = pytest.mark.long
INSTANCE = "/var/lib/sipweb"


@pytest.fixture
def buildah(tmp_path):
    """Return a function that runs buildah with images of this test's own and returns what it printed."""
    if shutil.which("buildah") is None:
        pytest.skip("no buildah: run scripts/get-tools long")
    storage = ["--root", tmp_path / "images", "--runroot", tmp_path / "run", "--storage-driver", "overlay"]

    def run(*command):
        command = ["buildah", *storage, *command]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=900, check=False)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
        return done.stdout.strip()

    yield run
    run("rm", "--all")


@pytest.fixture
def image(buildah):
    """Return the folder and the configuration of sipweb's image."""
    base = buildah("from", "scratch")
    buildah("add", "--quiet", base, debian.base(set()), "/")
    buildah("commit", "--quiet", base, "localhost/debian")
    buildah(
        "build-using-dockerfile", "--isolation=chroot", "--format=docker", "--build-arg=BASE=localhost/debian",
        "--target=sipweb", "--tag=localhost/sipweb", "--file=deploy/Containerfile", ".",
    )  # fmt: skip
    container = buildah("from", "localhost/sipweb")
    configuration = json.loads(buildah("inspect", "--type=image", "localhost/sipweb"))["Docker"]["config"]
    return buildah("mount", container), configuration


def test_image_is_complete_and_its_containers_answer(image, tmp_path):
    folder, configuration = image
    assert configuration["User"] == "sipweb"
    (tmp_path / "debian").mkdir()
    with debian.running(folder, tmp_path / "debian") as machine:
        code = machine.run("find /opt/sipweb -mindepth 1 -maxdepth 1 -printf '%f '").split()
        assert not {".git", "tests", "instance", ".asterisk"} & {*code}
        assert machine.run("find /opt/sipweb -not -user root") == ""
        assert "messages.mo" in machine.run("find /opt/sipweb/translations -name '*.mo'")
        installed = machine.run("ls /opt/sipweb/.venv/lib/python3*/site-packages")
        assert not {"pip", "setuptools"} & {*installed.split()}
        assert "psycopg" in installed
        machine.run(
            f"mount -t tmpfs tmpfs /tmp; mount -t tmpfs -o uid=2001,mode=750,size=64m tmpfs {INSTANCE}\n"
            "mount -o remount,bind,ro /"
        )
        variables = " ".join([*configuration["Env"], "SIPWEB_PBX=files", f"HOME={INSTANCE}"])

        def command(*words):
            user = "setpriv --reuid=sipweb --regid=sipweb --init-groups --no-new-privs --bounding-set=-all"
            return f"cd {configuration['WorkingDir']}; exec env -i {variables} {user} {' '.join(words)}"

        def is_healthy():
            return machine.start(command(*check[1:]), stdout=-3, stderr=-3).wait(30) == 0

        entry, check = configuration["Entrypoint"], configuration["Healthcheck"]["Test"]
        assert check[0] == "CMD"
        assert "One-time password" in machine.run(command(*entry, "setup"))
        web = machine.start(command(*entry, *configuration["Cmd"]))
        live = "python3 -c 'import urllib.request as r; r.urlopen(\"http://127.0.0.1:8000/healthz/live\")'"
        wait_for(lambda: machine.start(live, stdout=-3, stderr=-3).wait(30) == 0, "the web server answers", 60)
        monitor = machine.start(command(*entry, "monitor"))
        wait_for(is_healthy, "the container is healthy", 60)
        machine.run(f"head -c 1G /dev/zero >{INSTANCE}/full || true")
        assert not is_healthy()  # nothing can be saved
        machine.run(f"rm {INSTANCE}/full")
        wait_for(is_healthy, "the container is healthy again", 60)
        assert (web.poll(), monitor.poll()) == (None, None)
    for process in (web, monitor):
        process.wait(20)  # they ended with the machine
