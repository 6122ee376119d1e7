"""What a module shows to the rest of the portal: one value, in one list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from random import Random
from typing import Any

from click import Group
from flask import Blueprint, current_app

from portal.domain.actor import Actor, Role
from portal.domain.figures import Figure, ReportSection
from portal.domain.months import Month


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One door in the staff menu; seen by who holds the permission."""

    label: str
    endpoint: str
    permission: str
    icon: str = ""


@dataclass(frozen=True, slots=True)
class DeskCard:
    """One number on the desk that is also a door."""

    label: str
    value: int
    endpoint: str
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Module:
    """Blueprints, grants, report section, schedule, commands and demo of one package."""

    name: str
    title: str = ""
    blueprints: Mapping[str, Blueprint] = field(default_factory=dict)  # by site
    permissions: type[StrEnum] | None = None
    grants: Mapping[Any, frozenset[Role]] = field(default_factory=dict)  # each its own StrEnum
    report_section: Callable[[int, Month], ReportSection] | None = None
    front: Callable[[int], tuple[Figure, ...]] | None = None
    desk: Callable[[Actor], tuple[DeskCard, ...]] | None = None
    menu: tuple[MenuItem, ...] = ()
    schedule: Mapping[str, object] = field(default_factory=dict)
    commands: Group | None = None
    demo: Callable[[int, Random, date], None] | None = None
    bearer: Callable[[str], Actor | None] | None = None


def modules() -> tuple[Module, ...]:
    """Return the modules of this application, in the order of the one list."""
    installed: tuple[Module, ...] = current_app.extensions["portal.modules"]
    return installed


def grants() -> dict[str, frozenset[Role]]:
    """Return which roles hold each permission, over all modules."""
    return {str(name): roles for module in modules() for name, roles in module.grants.items()}
