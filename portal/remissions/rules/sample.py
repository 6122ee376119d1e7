"""An invented export with a few rows, so that a newcomer can try the import."""

from pathlib import Path

CSV = Path(__file__).with_name("sample.txt").read_text(encoding="utf-8")
