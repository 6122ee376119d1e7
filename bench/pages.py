"""How heavy the pages are, alone and with sheet and scripts, compressed: make bench-pages.

Starts a demo of its own, signs in through its door, and asks for the pages people see most.  Sizes
are those of gzip -9, as nginx would send them at best.  A table on standard output.
"""

from __future__ import annotations

import gzip
import re
import sys
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.running import demo

PAGES = (
    ("", "/", 50),
    ("", "/prisons/muara-enim/releases", 50),
    ("", "/sign-in", 60),
    ("Kepala Lapas", "/desk", 60),
    ("Kepala Lapas", "/reports", 60),
    ("Petugas berkas", "/remissions", 60),
    ("Petugas blok", "/block-tours", 60),
    ("Petugas survei", "/survey", 60),
    ("Penyunting media", "/newsroom", 60),
    ("Petugas registrasi", "/register", 60),
)
PARTS = re.compile(r'(?:href|src)="(/static/[^"]+\.(?:css|js))"')


def main() -> None:
    with TemporaryDirectory(prefix="pages-", dir="/tmp") as name:
        Path(name).chmod(0o755)
        with demo(Path(name) / "demo") as running:
            print(f"{'page':32} {'as':20} {'document kB':>11} {'with parts kB':>13} {'goal':>5}")
            for role, path, goal in PAGES:
                document, whole = weigh(running.url, role, path)
                row = f"{path:32} {role or 'anybody':20} {document:11.1f} {whole:13.1f} {goal:5}"
                print(row)


def weigh(url: str, role: str, path: str) -> tuple[float, float]:
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    if role:
        door = opener.open(f"{url}/demo").read().decode()
        row = next(part for part in door.split("<li>") if role in part)
        found = re.search(r'action="(/demo/\d+)"', row)
        assert found, role
        asking = urllib.request.Request(url + found[1], data=b"", method="POST")
        asking.add_header("Sec-Fetch-Site", "same-origin")
        opener.open(asking)
    page = opener.open(url + path).read()
    document = squeezed(page)
    parts = {urllib.parse.urljoin(url, part) for part in PARTS.findall(page.decode())}
    return document, document + sum(squeezed(opener.open(part).read()) for part in parts)


def squeezed(content: bytes) -> float:
    return len(gzip.compress(content, 9)) / 1000


if __name__ == "__main__":
    main()
