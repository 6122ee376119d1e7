"""The newsroom: releases for journalists, who are partners and watchdogs.

Two people stand behind every text. What is public is decided by time, when it is read.
"""
