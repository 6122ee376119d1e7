"""Outgoing mail: rows first, sent when the server takes them, each at most once a minute."""

from __future__ import annotations

import smtplib
from datetime import datetime
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Mapped

from portal.kernel import clock
from portal.kernel.db import Base, db, internal, personal
from portal.kernel.jobs import task
from portal.kernel.work import Work

MOST_TRIES = 10
SECONDS = 20


class OutgoingMail(Base):
    """One message to one address."""

    __tablename__ = "kernel_outgoing_mail"

    id: Mapped[int] = internal(sa.BigInteger, sa.Identity(), primary_key=True)
    facility_id: Mapped[int | None] = internal(sa.ForeignKey("kernel_facility.id"), index=True)
    to: Mapped[str] = personal(sa.String(254))
    subject: Mapped[str] = personal(sa.String(200))
    body: Mapped[str] = personal()
    asked_at: Mapped[datetime] = internal()
    sent_at: Mapped[datetime | None] = internal()
    tries: Mapped[int] = internal(default=0, server_default="0")


def post(work: Work, *, to: str, subject: str, body: str, facility_id: int | None = None) -> None:
    """Have a mail sent once the work is committed.

    :raise ValueError: if address or subject would break out of their header line.
    """
    if any(sign in text for text in (to, subject) for sign in "\r\n"):
        raise ValueError("a mail header is one line")
    work.session.add(
        OutgoingMail(
            to=to, subject=subject, body=body, facility_id=facility_id, asked_at=clock.now()
        )
    )


def send_waiting() -> int:
    """Send what waits; without a mail server it goes on waiting. Returns how many went out."""
    smtp_url = current_app.config["SMTP_URL"]
    if not smtp_url:
        return 0
    sent = 0
    waiting = (
        sa.select(OutgoingMail)
        .where(OutgoingMail.sent_at.is_(None), OutgoingMail.tries < MOST_TRIES)
        .order_by(OutgoingMail.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    skip = 0
    while (row := db.session.scalar(waiting.where(OutgoingMail.id > skip))) is not None:
        skip = row.id
        row.tries += 1
        try:
            _send(smtp_url, row)
        except (OSError, smtplib.SMTPException):
            pass  # the row keeps it for the next minute
        else:
            row.sent_at = clock.now()
            sent += 1
        db.session.commit()
    return sent


def _send(smtp_url: str, row: OutgoingMail) -> None:
    server = urlsplit(smtp_url)
    letter = EmailMessage()
    letter["From"] = current_app.config["MAIL_FROM"]
    letter["To"], letter["Subject"] = row.to, row.subject
    letter["Message-ID"] = f"<portal-{row.id}@{server.hostname}>"  # sent twice, known as one
    letter.set_content(row.body)
    kind = smtplib.SMTP_SSL if server.scheme == "smtps" else smtplib.SMTP
    with kind(server.hostname or "", server.port or 25, timeout=SECONDS) as smtp:
        if server.username:
            smtp.login(unquote(server.username), unquote(server.password or ""))
        smtp.send_message(letter)


@task("kernel.send_mail")
def send_mail() -> None:
    """Send what waits."""
    send_waiting()
