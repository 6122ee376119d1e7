"""What the rest of the portal sees of this module."""

from __future__ import annotations

from portal.kernel.module import Module

MODULE = Module(name="survey")
