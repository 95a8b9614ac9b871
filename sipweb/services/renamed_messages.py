"""Message ids that earlier versions stored with a generation, and their ids of today."""

RENAMED = {
    "%(name)s cannot be the name of a section.": "%(name)s is not a valid section name.",
    "%(section)s, %(key)s: %(char)s cannot stand in a configuration file.":
        "%(section)s, %(key)s: the character %(char)s is not allowed.",
    "%(section)s, %(key)s: a backslash cannot stand there.":
        "%(section)s, %(key)s: a backslash is not allowed here.",
    "%(section)s, %(key)s: blanks around a value would be lost.":
        "%(section)s, %(key)s: remove leading and trailing spaces.",
    "Asterisk does not run what was written.":
        "Verification failed: Asterisk is running a different configuration than the one generated.",
    "Asterisk already has sections named %(names)s outside sipweb's files.":
        "Asterisk already has sections named %(names)s outside sipweb's files. Rename or remove them first.",
    "Asterisk broke off the connection.": "Asterisk closed the connection.",
    "Asterisk's answer does not end.": "Asterisk sent an unexpectedly long response.",
    "Asterisk did not answer within %(seconds)s seconds.": "Asterisk didn't respond within %(seconds)s seconds.",
    "Asterisk does not answer at %(host)s:%(port)s.": "Can't connect to Asterisk at %(host)s:%(port)s.",
    "Asterisk refused %(action)s: %(why)s": "Asterisk rejected %(action)s: %(why)s",
    "A line break cannot be sent to Asterisk (%(action)s).": "Line breaks aren't allowed (%(action)s).",
    "%(path)s belongs to somebody else.": "%(path)s is owned by another user.",
    "The files could not be written: %(why)s.": "Couldn't write the files: %(why)s.",
}  # fmt: skip


def current_message(message: str) -> str:
    """Return the message id of today for a stored one."""
    return RENAMED.get(message, message)
