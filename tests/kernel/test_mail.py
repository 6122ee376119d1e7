"""Mail is a row until a server has taken it."""

import socketserver
import threading
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask

from portal.domain.actor import PORTAL
from portal.kernel.db import db
from portal.kernel.mail import OutgoingMail, post, send_waiting
from portal.kernel.work import unit_of_work


class Sink(socketserver.StreamRequestHandler):
    """An SMTP server that takes everything, or refuses an address that says so."""

    taken: list[bytes] = []  # noqa: RUF012  one list for the whole server, on purpose

    def handle(self) -> None:
        self.wfile.write(b"220 sink\r\n")
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                text = b""
                while (part := self.rfile.readline()) != b".\r\n":
                    text += part
                self.taken.append(text)
            if verb == b"RCPT" and b"refused" in line:
                self.wfile.write(b"550 no\r\n")
            else:
                self.wfile.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n")


@pytest.fixture
def sink(app: Flask) -> Iterator[list[bytes]]:
    Sink.taken.clear()
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Sink) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        app.config["SMTP_URL"] = f"smtp://127.0.0.1:{server.server_address[1]}"
        yield Sink.taken
        app.config["SMTP_URL"] = ""
        server.shutdown()


def _post(to: str) -> None:
    with unit_of_work(PORTAL, "t.t.t") as work:
        work.note("posted")
        post(work, to=to, subject="Undangan – contoh", body="Isi surat.")


def test_without_a_server_mail_waits(scope: None) -> None:
    _post("sari@example.org")

    assert send_waiting() == 0


def test_a_mail_goes_out_once(scope: None, sink: list[bytes]) -> None:
    _post("sari@example.org")

    assert (send_waiting(), send_waiting()) == (1, 0)
    assert len(sink) == 1
    assert b"To: sari@example.org" in sink[0]


def test_a_refused_address_holds_nobody_else_up(scope: None, sink: list[bytes]) -> None:
    _post("refused@example.org")
    _post("sari@example.org")

    assert send_waiting() == 1
    waiting = db.session.scalars(sa.select(OutgoingMail).where(OutgoingMail.sent_at.is_(None)))
    assert [(row.to, row.tries) for row in waiting] == [("refused@example.org", 1)]


@pytest.mark.parametrize("to", ["a@b.c\r\nBcc: x@y.z", "a@b.c\nX: 1"])
def test_a_header_cannot_be_broken_out_of(scope: None, to: str) -> None:
    with pytest.raises(ValueError, match="one line"):
        _post(to)
