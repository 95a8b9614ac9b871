"""ConfWriter writes one line a value, and Asterisk reads it back unchanged."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sipweb.core.asterisk.conf import ConfWriter, Section
from sipweb.core.errors import Invalid

HOSTILE = [
    ";", ";--", "a;b", "a;--b", "--;", "\\;", "a\\", '"', "'", "[x]", "]", "(!)", "#include x", "#exec id",
    "${SHELL(id)}", "=>", "=", "a=>b", ">", ">a", "\r", "\n", "a\nb", "a\r\n[x]", "\0", "\x1b", "\u202e", "\u200b",
    "\u2028", "\x85", "📞", "żółć", " a", "a ", "\t", "", "x" * 10_000, "\ud800", "%20", "a,b|c&d", "\\n",
]  # fmt: skip
values = st.sampled_from(HOSTILE) | st.text() | st.lists(st.sampled_from(HOSTILE), max_size=4).map("".join)


def written(section):
    writer = ConfWriter("test")
    writer.section(section)
    return writer.text()


def read(text):
    """Read a line as Asterisk does (measured on Asterisk 22).

    An unescaped semicolon begins a comment, surrounding spaces are dropped, `=>` means `=`.
    """
    lines = (re.sub(r"(?<!\\);.*", "", line).replace("\\;", ";").strip() for line in text.split("\n"))
    return [re.sub(r"^(\w+)(=>|=) *", r"\1=", line) for line in lines if line]


@given(values)
@example("a;b")
def test_value_is_read_back_unchanged_or_rejected(value):
    try:
        text = written(Section("s", (("key", value), ("after", "1"))))
    except Invalid:
        return
    assert ";--" not in text.replace("\\;", "")
    assert read(text) == ["[s]", f"key={value}", "after=1"]


@given(values)
def test_section_name_is_read_back_unchanged_or_rejected(name):
    try:
        text = written(Section(name, (("after", "1"),)))
    except Invalid:
        return
    assert read(text) == [f"[{name}]", "after=1"]


@pytest.mark.parametrize("value", ["a;b", "[x]", "${SHELL(id)}", "żółć 📞", 'a"b'])
def test_values_with_special_characters_are_accepted(value):
    assert written(Section("s", (("key", value),)))


@pytest.mark.parametrize("value", ["\n", "\r", "\0", "\u202e", "x" * 10_000])
def test_value_that_fits_no_line_is_rejected(value):
    with pytest.raises(Invalid):
        written(Section("s", (("key", f"a{value}b"),)))
