"""Calls whose number the caller withholds: by a prefix, in the From header, or with the header Privacy (RFC 3323)."""

from ..conf import extension_lines

# Set SIPWEB_WITHHELD, which the prefix sets too, and the presentation of the caller's number. The headers can be read
# on the channel of a phone that calls only. What a phone sent is filtered before it is compared.
WITHHOLD = extension_lines(
    "s",
    'GotoIf($["${SIPWEB_WITHHELD}" = "1"]?withheld)',
    'GotoIf($["${CHANNEL(channeltype)}" != "PJSIP"]?shown)',
    "Set(SIPWEB_HEADER=${FILTER(a-z,${PJSIP_HEADER(read,Privacy)})})",
    'GotoIf($[${LEN(${SIPWEB_HEADER})} > 0 & "${SIPWEB_HEADER}" != "none"]?withheld)',
    "Set(SIPWEB_HEADER=${FILTER(a-zA-Z:@,${PJSIP_HEADER(read,From)})})",
    'GotoIf(${REGEX("sips?:[Aa]nonymous@" ${SIPWEB_HEADER})}?withheld)',
    "shown: Return()",
    "withheld: Set(SIPWEB_WITHHELD=1)",
    "Set(CALLERID(pres)=prohib)",
    "Return()",
)
# What is done to the channel of a called outside party: it gets the dialled number (ARG1), in case it transfers the
# call, and with ARG2 the request to withhold the caller's number.
CALLEE_CHANNEL = extension_lines(
    "s",
    "Set(CALLERID(num)=${ARG1})",
    'GotoIf($["${ARG2}" != "1"]?end)',
    "Set(PJSIP_HEADER(add,Privacy)=id)",
    "end: Return()",
)
