"""docs/security.md: complete, and true as far as its tests, links and tables can be looked up."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from sipweb.config import ROOT
from sipweb.db import Base

DOCUMENT = ROOT / "docs" / "security.md"
STATES = ("met", "partly", "not met", "n/a")
COMMANDS = ("make check", "sipweb ", "curl ", "asterisk -rx ", "journalctl ", ".venv/bin/pip ", "runuser ")
# The requirements of levels 1 and 2 of ASVS 5.0.0, by section.
SECTIONS = """
1.1: 1-2; 1.2: 1-9; 1.3: 1-11; 1.4: 1-3; 1.5: 1-2
2.1: 1-3; 2.2: 1-3; 2.3: 1-4; 2.4: 1
3.2: 1-2; 3.3: 1-4; 3.4: 1-6; 3.5: 1-5; 3.7: 1-2
4.1: 1-3; 4.2: 1; 4.3: 1-2; 4.4: 1-4
5.1: 1; 5.2: 1-3; 5.3: 1-2; 5.4: 1-3
6.1: 1-3; 6.2: 1-12; 6.3: 1-4; 6.4: 1-4; 6.5: 1-5; 6.6: 1-3; 6.8: 1-4
7.1: 1-3; 7.2: 1-4; 7.3: 1-2; 7.4: 1-5; 7.5: 1-2; 7.6: 1-2
8.1: 1-2; 8.2: 1-3; 8.3: 1; 8.4: 1
9.1: 1-3; 9.2: 1-4
10.1: 1-2; 10.2: 1-2; 10.3: 1-4; 10.4: 1-11; 10.5: 1-5; 10.6: 1-2; 10.7: 1-3
11.1: 1-2; 11.2: 1-3; 11.3: 1-3; 11.4: 1-4; 11.5: 1; 11.6: 1
12.1: 1-3; 12.2: 1-2; 12.3: 1-4
13.1: 1; 13.2: 1-5; 13.3: 1-2; 13.4: 1-5
14.1: 1-2; 14.2: 1-4; 14.3: 1-3
15.1: 1-3; 15.2: 1-3; 15.3: 1-7
16.1: 1; 16.2: 1-5; 16.3: 1-4; 16.4: 1-3; 16.5: 1-3
17.1: 1; 17.2: 1-4; 17.3: 1-2
"""
REQUIREMENTS = [
    f"{section}.{number}"
    for section, ranges in re.findall(r"([\d.]+): ([\d -]+)", SECTIONS)
    for first, last in re.findall(r"(\d+)(?:-(\d+))?", ranges)
    for number in range(int(first), int(last or first) + 1)
]
ROW = re.compile(r"\| (\d+\.\d+\.\d+) \| ([^|]+) \| ([^|]+) \| ([^|]*) \|")
TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def rows():
    """(requirement, paraphrase, state, evidence) of the table."""
    return [match.groups() for line in DOCUMENT.read_text().splitlines() if (match := ROW.fullmatch(line))]


@cache
def names_in(name):
    """The names of a file's tests."""
    path = ROOT / name
    tree = ast.parse(path.read_text() if path.is_file() else "")
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def anchor(heading):
    """The anchor of a heading, as forges make it."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


@pytest.mark.static
def test_each_requirement_of_levels_1_and_2_has_one_row():
    assert len(REQUIREMENTS) == 253
    names = [row[0] for row in rows()]
    assert sorted(names) == sorted(REQUIREMENTS)


@pytest.mark.static
def test_each_row_has_a_state_and_a_short_text():
    for requirement, text, state, evidence in rows():
        assert state in STATES, requirement
        assert 2 <= len(text.split()) <= 12, requirement
        assert state not in ("n/a", "not met") or evidence.strip(), f"{requirement}: why?"


@pytest.mark.static
def test_what_is_met_names_tests_that_exist_or_a_command():
    for requirement, _text, state, evidence in rows():
        tests = TEST.findall(evidence)
        commands = [code for code in re.findall(r"`([^`]+)`", evidence) if code.startswith(COMMANDS)]
        if state in ("met", "partly"):
            assert tests or commands, requirement
        for file, name in tests:
            assert name in names_in(file), f"{requirement}: {file}::{name}"


@pytest.mark.static
def test_numbers_in_the_text_are_those_of_the_table():
    states = [row[2] for row in rows()]
    text = DOCUMENT.read_text()
    for state in STATES:
        assert f"{states.count(state)} {state}" in text


@pytest.mark.static
def test_every_heading_that_is_linked_exists():
    for document in (DOCUMENT, ROOT / "README.md"):
        for path, name in re.findall(r"\]\(((?!https?:)[^)#]*)(?:#([^)]+))?\)", document.read_text()):
            target = (document.parent / path).resolve() if path else document
            assert target.exists(), f"{document.name}: {path}"
            if name:
                headings = re.findall(r"^#+ (.+)$", target.read_text(), re.MULTILINE)
                assert name in map(anchor, headings), f"{document.name}: {path}#{name}"


@pytest.mark.static
def test_every_table_of_the_database_is_classified():
    section = DOCUMENT.read_text().partition("\n## Data\n")[2].partition("\n## ")[0]
    assert [name for name in Base.metadata.tables if f"`{name}`" not in section] == []


@pytest.mark.static
def test_every_library_is_pinned_by_its_hash():
    for path in (ROOT / "requirements").glob("*.txt"):
        lines = [line for line in path.read_text().splitlines() if re.match(r"[A-Za-z0-9]", line)]
        assert lines
        for line in lines:
            assert re.match(r"[\w.\[\]-]+==\S+( ;.*)? \\$", line), f"{path.name}: {line}"
        assert path.read_text().count("--hash=sha256:") >= len(lines)
    readme = (ROOT / "static/vendor/README.md").read_text()
    for script in Path(ROOT / "static/vendor").glob("*.js"):
        assert f"`{script.name}`" in readme
