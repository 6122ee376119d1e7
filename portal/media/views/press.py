"""The pages everyone reads: home, releases, facts, ledger, feeds. No script, no tracking."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from babel.dates import format_date
from flask import Blueprint, Response, jsonify, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.domain.figures import Figure
from portal.domain.months import Month
from portal.domain.text import message
from portal.kernel import clock
from portal.kernel.facility import Facility, within
from portal.kernel.feeds import (
    ATOM_TYPE,
    JSON_TYPE,
    Address,
    Feed,
    FeedEntry,
    atom,
    json_feed,
    sitemap,
    tag_uri,
)
from portal.kernel.markdown import clean
from portal.kernel.module import modules
from portal.kernel.text import _, current_language, instant, said
from portal.kernel.web import page_number, place, public, settings
from portal.media import queries
from portal.media.queries import PublicItem, Span
from portal.media.rules.contacts import contact
from portal.media.rules.visibility import Sight, cache_life
from portal.media.rules.workflow import Kind, NoticedBy, Reason
from portal.register import queries as register

bp = Blueprint("press", __name__, template_folder="../templates")

ON_HOME = 5
IN_FEED = 30
LONGEST_KEPT = timedelta(minutes=1)
LONGEST_WORDS = 100
# On the home page the two rates would stand beside each other; the facts page has them all.
NOT_ON_HOME = frozenset({"sentenced", "detainees", "excess"})
KINDS: Mapping[str, str] = {
    Kind.RELEASE: message("Press release"),
    Kind.ACTIVITY: message("Activity"),
    Kind.INCIDENT: message("Incident"),
    Kind.REMISSION: message("Remission"),
    Kind.STATEMENT: message("Statement"),
    Kind.HOLDING: message("First statement"),
}
REASONS: Mapping[Reason, str] = {
    Reason.SARA: message("It offended ethnicity, religion, race or a group."),
    Reason.DECENCY: message("It offended decency."),
    Reason.CHILD_FUTURE: message("It touched the future of a child."),
    Reason.TRAUMA: message("It could hurt a person again."),
    Reason.DEWAN_PERS: message("The Press Council decided so."),
    Reason.PERSONAL_DATA: message("It held personal data."),
    Reason.PUBLISHED_IN_ERROR: message("It was published in error."),
    Reason.SOURCE_WITHDREW_NUMBER: message("The source took its figure back."),
}
NOTICED: Mapping[str, str] = {
    NoticedBy.JOURNALIST: message("noticed by a journalist"),
    NoticedBy.PUBLIC: message("noticed by a reader"),
    NoticedBy.STAFF: message("noticed by our staff"),
    NoticedBy.GATE: message("noticed by a check of the portal"),
    NoticedBy.SOURCE: message("noticed by the source"),
}


@dataclass(frozen=True, slots=True)
class Here:
    """The facility a public page is about, as plain values."""

    id: int
    slug: str
    name: str
    short_name: str
    town: str
    time_zone: str


# --- Home -----------------------------------------------------------------------------------------


@bp.get("/")
@public
def start() -> ResponseReturnValue:
    """Show the one prison there is, or the list of those that are public."""
    places = [_here(each) for each in queries.public_facilities()]
    if len(places) == 1:
        with within({places[0].id}):
            return _home(places[0])
    page = render_template("media/start.html", places=places)
    return _kept(make_response(page), clock.now(), None)


@bp.get("/prisons/<slug:place>/")
@public
def home(**_place: str) -> ResponseReturnValue:
    """Show contact, latest texts and figures."""
    return _home(_here(place()))


def _home(here: Here) -> Response:
    now = clock.now()
    latest = queries.releases(here.id, now, limit=ON_HOME)
    figures = [figure for figure in _figures(here.id) if figure.key not in NOT_ON_HOME]
    page = _page("media/home.html", here, releases=latest, figures=figures)
    return _kept(make_response(page), now, queries.next_change(here.id, now))


@bp.get("/prisons/<slug:place>/facts")
@public
def facts(**_place: str) -> ResponseReturnValue:
    """Show every public figure with its day, source and definition."""
    here, now = _here(place()), clock.now()
    page = _page("media/facts.html", here, figures=_figures(here.id))
    return _kept(make_response(page), now, None)


def _figures(facility_id: int) -> list[Figure]:
    """Ask every module for what it shows to the public."""
    return [figure for module in modules() if module.front for figure in module.front(facility_id)]


# --- Texts ----------------------------------------------------------------------------------------


@bp.get("/prisons/<slug:place>/releases")
@public
def releases(**_place: str) -> ResponseReturnValue:
    """Show the archive by month and word."""
    here, now = _here(place()), clock.now()
    words = request.args.get("words", "")[:LONGEST_WORDS].strip()
    month, span = _month(here.time_zone)
    found = queries.count_releases(here.id, now, words=words, span=span)
    page = _page(
        "media/archive.html",
        here,
        words=words,
        month=month,
        months=[
            (each, format_date(each.first, "MMMM y", locale=current_language()), count)
            for each, count in queries.months(here.id, now, here.time_zone)
        ],
        found=found,
        releases=queries.releases(
            here.id,
            now,
            words=words,
            span=span,
            offset=(page_number() - 1) * queries.PAGE_SIZE,
        ),
        page=page_number(),
        pages=-(-found // queries.PAGE_SIZE),
    )
    return _kept(make_response(page), now, queries.next_change(here.id, now))


@bp.get("/prisons/<slug:place>/releases/<slug:item>")
@public
def release(item: str, **_place: str) -> ResponseReturnValue:
    """Show one text, its tombstone, or that there is nothing here."""
    here, now = _here(place()), clock.now()
    shown = queries.release(here.id, item, now)
    if shown is None:
        return _page("media/missing.html", here), 404
    if shown.sight is Sight.TOMBSTONE:
        return _page("media/tombstone.html", here, item=shown, reasons=REASONS), 410
    page = _page(
        "media/release.html",
        here,
        item=shown,
        html=clean(shown.html),
        address=_address(here, shown.slug),
        linked=_linked_data(here, shown),
    )
    following = queries.next_change(here.id, now)
    return _kept(make_response(page), now, following, changed=shown.updated)


@bp.get("/prisons/<slug:place>/releases/<slug:item>/versions/<int:number>")
@public
def version(item: str, number: int, **_place: str) -> ResponseReturnValue:
    """Show a text that was corrected later, as it stood."""
    here, now = _here(place()), clock.now()
    old = queries.replaced_text(here.id, item, number, now)
    if old is None:
        return _page("media/missing.html", here), 404
    page = _page("media/version.html", here, item=old, html=clean(old.html))
    return _kept(make_response(page), now, queries.next_change(here.id, now))


@bp.get("/prisons/<slug:place>/corrections")
@public
def corrections(**_place: str) -> ResponseReturnValue:
    """Show the ledger: what was wrong, what is right, how long it stood."""
    here, now = _here(place()), clock.now()
    page = _page(
        "media/corrections.html", here, lines=queries.corrections(here.id, now), noticed=NOTICED
    )
    return _kept(make_response(page), now, queries.next_change(here.id, now))


# --- For machines ---------------------------------------------------------------------------------


@bp.get("/prisons/<slug:place>/releases.atom")
@public
def atom_feed(**_place: str) -> ResponseReturnValue:
    """Give the latest texts as Atom."""
    here, now = _here(place()), clock.now()
    answer = Response(
        atom(_feed(here, now, ".atom_feed")), content_type=f"{ATOM_TYPE}; charset=utf-8"
    )
    changed, following = queries.last_change(here.id, now), queries.next_change(here.id, now)
    return _kept(answer, now, following, changed=changed)


@bp.get("/prisons/<slug:place>/feed.json")
@public
def json_feed_file(**_place: str) -> ResponseReturnValue:
    """Give the latest texts as JSON Feed."""
    here, now = _here(place()), clock.now()
    answer = jsonify(json_feed(_feed(here, now, ".json_feed_file")))
    answer.content_type = JSON_TYPE
    changed, following = queries.last_change(here.id, now), queries.next_change(here.id, now)
    return _kept(answer, now, following, changed=changed)


@bp.get("/sitemap.xml")
@public
def site_map() -> ResponseReturnValue:
    """Name every public address of every public prison."""
    now, addresses = clock.now(), [Address(_absolute(".start"))]
    following: list[datetime] = []
    for here in [_here(each) for each in queries.public_facilities()]:
        with within({here.id}):
            addresses += _addresses(here, now)
            following += filter(None, [queries.next_change(here.id, now)])
    answer = Response(sitemap(addresses), content_type="application/xml; charset=utf-8")
    return _kept(answer, now, min(following, default=None))


@bp.get("/robots.txt")
@public
def robots() -> ResponseReturnValue:
    """Let everyone read everything that is public, and name the sitemap."""
    words = f"User-agent: *\nAllow: /\nSitemap: {_absolute('.site_map')}\n"
    return _kept(Response(words, mimetype="text/plain"), clock.now(), None)


def _addresses(here: Here, now: datetime) -> list[Address]:
    pages = (".home", ".facts", ".releases", ".corrections")
    texts = queries.releases(here.id, now, limit=queries.count_releases(here.id, now))
    return [Address(_absolute(page, place=here.slug)) for page in pages] + [
        Address(_address(here, text.slug), text.updated) for text in texts
    ]


def _feed(here: Here, now: datetime, endpoint: str) -> Feed:
    texts = queries.releases(here.id, now, limit=IN_FEED)
    authority = urlsplit(settings().base_url).hostname or "localhost"
    return Feed(
        id=tag_uri(authority, queries.EPOCH.date(), here.slug, "releases"),
        title=_("Press releases of %(name)s", name=here.short_name),
        subtitle=_("Public texts, newest first. Corrections move the date of change."),
        home=_absolute(".home", place=here.slug),
        address=_absolute(endpoint, place=here.slug),
        author=here.name,
        started=queries.EPOCH,
        entries=tuple(_entry(here, authority, text) for text in texts),
    )


def _entry(here: Here, authority: str, text: PublicItem) -> FeedEntry:
    return FeedEntry(
        id=tag_uri(authority, text.published.date(), here.slug, "releases", text.slug),
        url=_address(here, text.slug),
        title=_("Correction: %(title)s", title=text.title) if text.corrections else text.title,
        summary=text.summary,
        content=str(clean(text.html)),
        published=text.published,
        updated=text.updated,
        language=text.language,
        categories=(text.kind,),
        extra={
            "corrections": [
                {"wrong": line.wrong, "right": line.right, "date": line.published.isoformat()}
                for line in text.corrections
            ]
        }
        if text.corrections
        else {},
    )


def _linked_data(here: Here, text: PublicItem) -> dict[str, object]:
    """Describe a text in the words of schema.org."""
    office = {
        "@type": "GovernmentOrganization",
        "name": here.name,
        "url": _absolute(".home", place=here.slug),
        "correctionsPolicy": _absolute(".corrections", place=here.slug),
    }
    return {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": text.title,
        "description": text.summary,
        "datePublished": text.published.isoformat(),
        "dateModified": text.updated.isoformat(),
        "inLanguage": text.language,
        "isAccessibleForFree": True,
        "mainEntityOfPage": _address(here, text.slug),
        "contentLocation": {"@type": "Place", "name": text.place},
        "author": office,
        "publisher": office,
        "correction": [
            {
                "@type": "CorrectionComment",
                "text": _("%(wrong)s Right is: %(right)s", wrong=line.wrong, right=line.right),
                "datePublished": line.published.isoformat(),
            }
            for line in text.corrections
        ],
    }


# --- Pieces ---------------------------------------------------------------------------------------


def _here(facility: Facility) -> Here:
    return Here(
        facility.id,
        facility.slug,
        facility.name,
        facility.short_name,
        facility.town,
        facility.time_zone,
    )


def _absolute(endpoint: str, **values: Any) -> str:  # Any: parts of an address
    return f"{settings().base_url.rstrip('/')}{url_for(endpoint, **values)}"


def _address(here: Here, slug: str) -> str:
    return _absolute(".release", place=here.slug, item=slug)


def _month(zone: str) -> tuple[Month | None, Span]:
    """Read the month that is asked for; a word that is no month asks for all of them."""
    try:
        month = Month.parse(request.args.get("month", ""))
    except ValueError:
        return None, Span()
    return month, queries.month_span(month, zone)


def _page(template: str, here: Here, **values: object) -> str:
    stated = register.fact(here.id, "contact.press")
    links = (
        (".releases", message("Archive")),
        (".facts", message("Facts and figures")),
        (".corrections", message("Corrections")),
    )
    return render_template(
        template,
        here=here,
        site_name=here.short_name,
        press_home=url_for(".home", place=here.slug),
        press_links=[
            (said(words), url_for(each, place=here.slug), request.endpoint == f"press{each}")
            for each, words in links
        ],
        press=contact(stated.value) if stated else None,
        press_as_of=stated.as_of if stated else None,
        kinds=KINDS,
        written=lambda at: instant(at, here.time_zone),
        **values,
    )


def _kept(
    answer: Response, now: datetime, following: datetime | None, *, changed: datetime | None = None
) -> Response:
    """Let readers keep the answer, but no longer than to the next text's hour."""
    answer.cache_control.public = True
    answer.cache_control.max_age = cache_life(now, following, LONGEST_KEPT)
    answer.vary.add("Cookie")  # the language is a cookie
    answer.last_modified = changed
    answer.add_etag()
    return answer.make_conditional(request)  # type: ignore[return-value]  # of our own class
