"""Retired words stay out of identifiers, element ids, CSS classes and file names. docs/glossary.md has the terms."""

import ast
import itertools
import re

import pytest

from sipweb.config import ROOT

RETIRED = {
    "way", "ways", "tend", "desk", "beside", "said", "told", "stranded", "would_get", "may_dial", "opens", "stray",
    "strays", "settle", "settled", "house", "road", "whoever", "stranger", "strangers", "give_back",
}  # fmt: skip
PYTHON = [
    path
    for pattern in ("*.py", "sipweb/**/*.py", "tests/**/*.py", "benchmarks/*.py", "scripts/*.py", "migrations/**/*.py")
    for path in ROOT.glob(pattern)
    if not {"a402b08", "make_dump.py"} & set(path.parts)
]
SCRIPTS = sorted(path for path in ROOT.glob("static/**/*.js") if "vendor" not in path.parts)
TEMPLATES = sorted(ROOT.glob("templates/**/*.html"))


def retired_in(identifier):
    """The retired words of an identifier in snake_case, kebab-case or camelCase."""
    words = [word.lower() for word in re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])", identifier)]
    pairs = [f"{first}_{second}" for first, second in itertools.pairwise(words)]
    return RETIRED & {*words, *pairs}


def python_identifiers(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, (ast.arg, ast.keyword)) and node.arg:
            yield node.arg
        elif isinstance(node, ast.alias):
            yield node.asname or node.name


def script_identifiers(text):
    without_comments = re.sub(r"/\*.*?\*/|(?<![:\w])//[^\n]*", "", text, flags=re.DOTALL)
    without_strings = re.sub(r'"(?:[^"\\\n]|\\.)*"', '""', without_comments)
    return re.findall(r"[A-Za-z_$][\w$]*", without_strings)


def template_identifiers(text):
    text = re.sub(r"\{#.*?#\}", "", text, flags=re.DOTALL)
    for _attribute, value in re.findall(r'\b(id|class|for|aria-labelledby|hx-target|name)="([^"]*)"', text):
        yield from re.findall(r"[\w-]+", re.sub(r"\{\{.*?\}\}", "", value))
    yield from re.findall(r"\{%-?\s*(?:block|macro|set|for)\s+(\w+)", text)
    yield from re.findall(r"\b(data-[\w-]+)", text)


@pytest.mark.parametrize(("name", "found"), [("way_id", {"way"}), ("wouldGet", {"would_get"}), ("always", set())])
def test_words_of_an_identifier_are_compared_one_by_one(name, found):
    assert retired_in(name) == found


@pytest.mark.parametrize(
    ("paths", "identifiers"),
    [(PYTHON, python_identifiers), (SCRIPTS, script_identifiers), (TEMPLATES, template_identifiers)],
    ids=["python", "javascript", "templates"],
)
def test_no_identifier_contains_a_retired_word(paths, identifiers):
    assert paths
    found = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in paths
        for name in identifiers(path.read_text())
        if retired_in(name)
    }
    assert found == set()


def test_no_css_class_or_id_contains_a_retired_word():
    selectors = re.findall(r"[.#][A-Za-z][\w-]*", (ROOT / "static/app.css").read_text())
    assert [name for name in selectors if retired_in(name)] == []


def test_no_file_name_contains_a_retired_word():
    paths = [*PYTHON, *SCRIPTS, *TEMPLATES, *ROOT.glob("docs/**/*.md"), *ROOT.glob("scripts/*")]
    assert [str(path) for path in paths if retired_in(path.stem)] == []
