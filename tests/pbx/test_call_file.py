"""Call files, in a folder that Asterisk can write too."""

from sipweb.pbx.call_file import write_test_call


def test_link_in_asterisks_folder_overwrites_nothing(tmp_path):
    (tmp_path / "outgoing").mkdir()
    (tmp_path / "keys.json").write_text("keys")
    (tmp_path / "sipweb-200.call").symlink_to(tmp_path / "keys.json")
    assert write_test_call(tmp_path, 200)
    assert (tmp_path / "keys.json").read_text() == "keys"
    call = tmp_path / "outgoing" / "sipweb-200.call"
    assert not call.is_symlink()
    assert "Channel: Local/200@" in call.read_text()
    assert not write_test_call(tmp_path, 200)  # one at a time
