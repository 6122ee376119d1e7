"""Reports, and who took them away."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from portal.kernel.db import Base, internal
from portal.kernel.facility import FacilityScoped
from portal.reports.rules.states import Form, Kind, State


class Report(FacilityScoped, Base):
    """One report about one span of time; once signed it never changes again.

    ``content`` is what was issued (rules/content.py); the files are made of it alone. ``attempts``
    is the builder's ticket too: who holds an older one has lost the lease and may write nothing.
    """

    __tablename__ = "reports_report"
    __table_args__ = (
        sa.UniqueConstraint("kind", "facility_id", "period"),
        sa.CheckConstraint(r"period ~ '^\d{4}-\d{2}$'", name="period_shape"),
        sa.CheckConstraint("attempts >= 0 AND steps_done <= steps_total", name="progress"),
        sa.CheckConstraint(
            "state <> 'done' OR (content IS NOT NULL AND built_at IS NOT NULL"
            " AND pdf_key <> '' AND xlsx_key <> '')",
            name="done_has_files",
        ),
        sa.CheckConstraint("signed_at IS NULL OR state = 'done'", name="signed_is_done"),
        sa.Index(
            "ix_reports_report_open",
            "lease_until",
            postgresql_where=sa.column("state").in_(("scheduled", "running")),
        ),
    )

    id: Mapped[int] = internal(primary_key=True)
    kind: Mapped[Kind] = internal()
    period: Mapped[str] = internal(sa.String(10))
    state: Mapped[State] = internal(default=State.SCHEDULED)
    asked_at: Mapped[datetime] = internal()
    lease_until: Mapped[datetime] = internal()
    attempts: Mapped[int] = internal(default=0)
    step: Mapped[str] = internal(sa.String(120), default="")
    steps_done: Mapped[int] = internal(default=0)
    steps_total: Mapped[int] = internal(default=0)
    failure: Mapped[str] = internal(sa.String(20), default="")
    number: Mapped[str] = internal(sa.String(100), default="")
    content: Mapped[dict[str, object] | None] = internal()
    content_sha256: Mapped[str] = internal(sa.String(64), default="")
    pdf_key: Mapped[str] = internal(sa.String(40), default="")
    pdf_sha256: Mapped[str] = internal(sa.String(64), default="")
    xlsx_key: Mapped[str] = internal(sa.String(40), default="")
    xlsx_sha256: Mapped[str] = internal(sa.String(64), default="")
    built_at: Mapped[datetime | None] = internal()
    signed_at: Mapped[datetime | None] = internal()
    signed_by: Mapped[int | None] = internal()


class Download(FacilityScoped, Base):
    """A file of a report, taken away by somebody."""

    __tablename__ = "reports_download"

    id: Mapped[int] = internal(sa.BigInteger, sa.Identity(), primary_key=True)
    report_id: Mapped[int] = internal(sa.ForeignKey("reports_report.id"), index=True)
    form: Mapped[Form] = internal()
    actor_id: Mapped[int | None] = internal()
    at: Mapped[datetime] = internal()
