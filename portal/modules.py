"""The one list of modules, and the plugs between those that need each other's facts."""

from __future__ import annotations

from portal.accounts.module import MODULE as ACCOUNTS
from portal.blocktour.module import MODULE as BLOCKTOUR
from portal.kernel.module import Module
from portal.media import services as media
from portal.media.module import MODULE as MEDIA
from portal.media.rules.checks import spans_of
from portal.register import queries as register
from portal.register.module import MODULE as REGISTER
from portal.remissions.module import MODULE as REMISSIONS
from portal.reports.module import MODULE as REPORTS
from portal.survey.module import MODULE as SURVEY

# In the order of the menu and of the monthly report; the demo is loaded in this order too.
MODULES: tuple[Module, ...] = (REGISTER, ACCOUNTS, SURVEY, BLOCKTOUR, REMISSIONS, MEDIA, REPORTS)


def _people_named(facility_id: int, text: str) -> tuple[tuple[int, int], ...]:
    """Tell the newsroom where a text names people of the register: places, never a record."""
    return spans_of(register.names_of_inmates(facility_id), text)


media.use_name_finder(_people_named)
