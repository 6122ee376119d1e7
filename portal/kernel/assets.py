"""Style sheets, scripts and icons: put together once, named by their content, kept for a year.

A build is a few parts one after another. Press pages carry theirs inside the page; all other pages
link it as ``/static/<name>.<hash>.css``. A file of a module is named ``survey/kiosk.js`` and stands
in ``portal/survey/static/kiosk.js``.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import Flask, Response, g, request, url_for  # noqa: TID251  the style's hash goes to web
from markupsafe import Markup

from portal.domain.errors import NotFound

PORTAL = Path(__file__).parent.parent
OWN = PORTAL / "kernel" / "static"
BUILDS = {
    "staff.css": ("tokens.css", "elements.css", "staff.css"),
    "kiosk.css": ("tokens.css", "kiosk.css"),
    "press.css": ("tokens.css", "elements.css", "press.css"),
}
TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "json": "application/json",
    "webmanifest": "application/manifest+json",
    "png": "image/png",
    "webp": "image/webp",
    "ico": "image/x-icon",
    "mp3": "audio/mpeg",
    "woff2": "font/woff2",
}
PACKED = frozenset({"css", "js", "svg", "json", "webmanifest"})
A_YEAR = "public, max-age=31536000, immutable"
SHORT_HASH = 8
HASHED = re.compile(rf"(?P<stem>.+)\.(?P<hash>[0-9a-f]{{{SHORT_HASH}}})\.(?P<kind>\w+)")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
SYMBOL = re.compile(
    r'<symbol id="(?P<id>[\w-]+)" viewBox="(?P<box>[\d. ]+)">(?P<drawing>.*?)</symbol>'
)
ICON = Markup('<svg class="icon{}" viewBox="{}" aria-hidden="true" focusable="false">{}</svg>')


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is sent: its bytes, packed too where that helps, and the hash in its name."""

    name: str
    content: bytes
    packed: bytes | None
    hash: str

    @property
    def kind(self) -> str:
        """The ending of the name, without its dot."""
        return self.name.rpartition(".")[2]

    @property
    def address(self) -> str:
        """The name with the hash in it, as it stands behind ``/static/``."""
        return f"{self.name.removesuffix(self.kind)}{self.hash}.{self.kind}"


@cache
def assets() -> dict[str, Asset]:
    """Return every file the portal serves, by name; read once a process."""
    files = {path.relative_to(OWN).as_posix(): path for path in OWN.rglob("*")}
    for folder in sorted(PORTAL.glob("*/static")):
        if folder != OWN:
            module = folder.parent.name
            files |= {f"{module}/{p.relative_to(folder).as_posix()}": p for p in folder.rglob("*")}
    parts = {part for build in BUILDS.values() for part in build} - BUILDS.keys()
    contents = {
        name: path.read_bytes()
        for name, path in files.items()
        if path.is_file() and path.suffix[1:] in TYPES and name not in parts
    }
    contents |= {name: css(name).encode() for name in BUILDS}
    return {name: _asset(name, content) for name, content in sorted(contents.items())}


def _asset(name: str, content: bytes) -> Asset:
    packed = gzip.compress(content, 9, mtime=0) if name.rpartition(".")[2] in PACKED else None
    return Asset(name, content, packed, hashlib.sha256(content).hexdigest()[:SHORT_HASH])


def css(name: str) -> str:
    """Return a build's text: its parts one after another, without comments and indentation."""
    text = "\n".join((OWN / part).read_text("utf-8") for part in BUILDS[name])
    lines = (line.strip() for line in COMMENT.sub("", text).splitlines())
    return "\n".join(line for line in lines if line)


def asset(name: str) -> str:
    """Return the address of a file or a build, with the hash of its content in it.

    :raise NotFound: if there is no such file.
    """
    return url_for("static_asset", name=_find(name).address)


def _find(name: str) -> Asset:
    try:
        return assets()[name]
    except KeyError:
        raise NotFound from None


def static_asset(name: str) -> Response:
    """Answer a file; under the hash of its content it never changes, under another it may.

    :raise NotFound: if there is no such file.
    """
    parts = HASHED.fullmatch(name)
    found = assets().get(f"{parts['stem']}.{parts['kind']}") if parts else None
    fresh = found is not None and found.address == name
    found = found or _find(name)
    packs = found.packed is not None and bool(request.accept_encodings["gzip"])
    answer = Response(
        found.packed if packs else found.content,
        content_type=TYPES[found.kind],
        direct_passthrough=True,
    )
    if packs:
        answer.content_encoding = "gzip"
    if found.packed is not None:
        answer.vary.add("Accept-Encoding")
    answer.headers["Cache-Control"] = A_YEAR if fresh else "no-cache"
    answer.set_etag(f"{found.hash}{'-gzip' if packs else ''}")
    return answer.make_conditional(request)  # type: ignore[return-value]  # of our own class


def _own(text: str) -> Markup:
    """Take a text out of our own files as it is."""
    return Markup(text)  # noqa: S704  # nosec B704


@cache
def style_hash() -> str:
    """Return the SHA-256 of the press sheet in base 64, as the content policy names it."""
    return base64.b64encode(hashlib.sha256(css("press.css").encode()).digest()).decode()


@cache
def _press_style() -> Markup:
    return Markup("<style>{}</style>").format(_own(css("press.css")))


def press_style() -> Markup:
    """Return the press sheet as an element, and let this answer's policy name its hash."""
    g.style_hash = style_hash()
    return _press_style()


@cache
def drawings() -> dict[str, tuple[str, Markup]]:
    """Return the drawings of the sprite by name: the box they stand in, and their lines."""
    sprite = (OWN / "icons.svg").read_text("utf-8")
    return {
        found["id"]: (found["box"], _own(found["drawing"])) for found in SYMBOL.finditer(sprite)
    }


def icon(name: str, extra: str = "") -> Markup:
    """Return a drawing of the sprite, hidden from screen readers; nothing for an unknown name.

    ``extra`` is one more class.
    """
    if name not in drawings():
        return Markup()
    return ICON.format(f" {extra}" if extra else "", *drawings()[name])


def init_app(app: Flask) -> None:
    """Serve the files, and give templates ``asset``, ``icon`` and ``press_style``."""
    app.add_url_rule("/static/<path:name>", "static_asset", static_asset)
    app.jinja_env.globals.update(asset=asset, icon=icon, press_style=press_style)
