"""A browser's side of HTTP: in the test's process, and over a real connection."""

import re
import urllib.error
import urllib.request
from urllib.parse import urlencode

import html5lib
from bs4 import BeautifulSoup
from flask import g

PASSWORD = "orchard-lantern-7"


class Client:
    """A browser in the test's process; it checks every page that it gets."""

    def __init__(self, app):
        self._client = app.test_client()
        self.token = ""

    def get(self, url, *, htmx=False, **kwargs):
        reset_request_globals()
        return self._check(self._client.get(url, headers=_headers(htmx), **kwargs), htmx)

    def post(self, url, *, htmx=False, **data):
        reset_request_globals()
        response = self._client.post(url, data={"csrf_token": self.token, **data}, headers=_headers(htmx))
        return self._check(response, htmx)

    def login(self, login="admin", password=PASSWORD):
        self.get("/login")
        response = self.post("/login", login=login, password=password)
        self.get("/accounts")
        return response

    def _check(self, response, htmx):
        if response.mimetype != "text/html" or not response.text:
            return response
        if match := re.search(r'name="csrf_token" value="([^"]+)"', response.text):
            self.token = match[1]
        if not htmx and response.status_code not in (302, 303):
            check_page(response.text)
        return response


def reset_request_globals():
    """Empty `g`, which a request inside the test's context would inherit."""
    for name in list(g):
        g.pop(name)


def _headers(htmx):
    return {"HX-Request": "true", "HX-Current-URL": "http://localhost/accounts"} if htmx else {}


def check_page(text):
    """Check the HTML, its heading and title, unique ids, and the token of each form."""
    text = text.replace("hx-target:inherited", "hx-target").replace("hx-swap:inherited", "hx-swap")
    tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)
    headings = ["".join(h.itertext()).strip() for h in tree.iter("h1")]
    assert len(headings) == 1
    assert tree.find(".//title").text.startswith(headings[0])
    ids = [element.get("id") for element in tree.iter() if element.get("id")]
    assert len(ids) == len(set(ids)), "duplicate id"
    for form in tree.iter("form"):
        if form.get("method") == "post":
            assert form.find(".//input[@name='csrf_token']") is not None


def soup(response):
    """Return the parsed HTML of a response."""
    text = response.text
    if "<html" not in text:  # a parser drops the tags of rows and cells outside a table
        text = re.sub(r"<tbody\s[^>]*id=.*?</tbody>", r"<table>\g<0></table>", text, flags=re.DOTALL)
        cell = r"(<hx-partial[^>]*>\s*)(<td\s.*?</td>)"
        text = re.sub(cell, r"\1<table><tr>\2</tr></table>", text, flags=re.DOTALL)
    return BeautifulSoup(text, "html5lib")


def text_of(element):
    """Return the text of an element as a browser shows it, with single blanks."""
    return " ".join(element.text.split())


def partials(page, target):
    """Return the parts of a parsed response that are for this target."""
    return [partial for partial in page.select("hx-partial") if partial["hx-target"] == target]


class HttpClient:
    """An administrator with cookies over real HTTP, for several server processes."""

    def __init__(self, address):
        jar = urllib.request.HTTPCookieProcessor()
        self._address, self._opener = address, urllib.request.build_opener(jar)
        self._token = ""

    def get(self, path):
        return self._send(path, None)

    def post(self, path, **data):
        return self._send(path, urlencode({"csrf_token": self._token, **data}).encode())

    def login(self):
        self.get("/login")
        answer = self.post("/login", login="admin", password=PASSWORD)
        self.get("/accounts")  # the page that the redirect led to was asked for as htmx asks
        return answer

    def _send(self, path, data):
        request = urllib.request.Request(self._address + path, data, {"HX-Request": "true"} if data else {})
        try:
            with self._opener.open(request, timeout=60) as response:
                status, text = response.status, response.read().decode()
        except urllib.error.HTTPError as response:
            with response:
                status, text = response.code, response.read().decode()
        if match := re.search(r'name="csrf_token" value="([^"]+)"', text):
            self._token = match[1]
        return status, text


class CookieJar(dict):
    """The cookies of a browser by name, for clients that set other headers themselves."""

    def header(self):
        """Return what the browser sends."""
        return "; ".join(f"{name}={value}" for name, value in self.items())

    def keep(self, response):
        """Keep what a response of http.client sets."""
        for line in response.headers.get_all("Set-Cookie", []):
            name, _, value = line.partition(";")[0].partition("=")
            self[name] = value
