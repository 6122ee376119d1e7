"""The monthly report: every module is asked for its section, once a month, once for good."""
