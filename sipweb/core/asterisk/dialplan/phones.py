"""How the phones of an account are dialled: the extension is its number."""

# One contact of the account, as Dial takes it. A contact comes from the phone, and `&` or a comma in it would name
# another channel or an option.
_CONTACT = "PJSIP/${EXTEN}/sips?:[]A-Za-z0-9@:;=.+_~%[-]+"
IS_IN_A_CALL = '${REGEX("^(BUSY|INUSE|RINGING|RINGINUSE|ONHOLD)$" ${DEVICE_STATE(PJSIP/${EXTEN})})}'


def dial_phones(options: str, elsewhere: str = "") -> tuple[str, ...]:
    """Return the lines that dial all phones of an account.

    Without a phone the name of the endpoint gives the right failure. `options` are those of Dial after its target.
    `elsewhere` is what reaches the account's phones at other PBX hosts: it is dialled if there is none here, and with
    those here if the account may have several.
    """
    several = f'${{REGEX("^{_CONTACT}(&{_CONTACT})+$" ${{SIPWEB_DIAL_TARGET}})}}'
    if not elsewhere:
        return (
            "Set(SIPWEB_DIAL_TARGET=${PJSIP_DIAL_CONTACTS(${EXTEN})})",
            f"GotoIf({several}?dial)",
            "Set(SIPWEB_DIAL_TARGET=PJSIP/${EXTEN})",
            f"dial: Dial(${{SIPWEB_DIAL_TARGET}},{options})",
        )
    return (
        "Set(SIPWEB_DIAL_TARGET=${PJSIP_DIAL_CONTACTS(${EXTEN})})",
        "GotoIf($[${LEN(${SIPWEB_DIAL_TARGET})} = 0]?elsewhere)",
        f"GotoIf({several}?everywhere)",
        "Set(SIPWEB_DIAL_TARGET=PJSIP/${EXTEN})",
        'GotoIf($["${PJSIP_AOR(${EXTEN},max_contacts)}" = "1"]?dial)',
        f"everywhere: Set(SIPWEB_DIAL_TARGET=${{SIPWEB_DIAL_TARGET}}&{elsewhere})",
        "Goto(dial)",
        f"elsewhere: Set(SIPWEB_DIAL_TARGET={elsewhere})",
        f"dial: Dial(${{SIPWEB_DIAL_TARGET}},{options})",
    )
