"""A link as a QR code, made on this machine."""

import segno
import streamlit as st


def link(url: str) -> None:
    """The code, to be read from the last row, and the address in words."""
    # Of squares alone: the address is encoded in them, not written.
    st.markdown(code(url), unsafe_allow_html=True)
    st.code(url, language=None, wrap_lines=True)


def code(url: str) -> str:
    """The QR code as SVG, dark on white in both themes."""
    return segno.make(url, micro=False).svg_inline(
        light="#fff", dark="#000", svgclass="qr", title="QR code of the link", omitsize=True)
