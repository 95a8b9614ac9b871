"""QR codes."""

import io


def qr_code(text: str) -> str:
    """Return the SVG of a QR code."""
    import segno  # imported here, because most processes never draw one

    svg = io.BytesIO()
    segno.make(text, error="m").save(svg, kind="svg", scale=4, xmldecl=False, svgns=True, border=2)
    return svg.getvalue().decode()
