"""Files lie under keys of our own, in the store alone."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel.storage import FolderStorage, Missing


def test_what_is_put_is_read_until_it_is_deleted(tmp_path: Path) -> None:
    store = FolderStorage(tmp_path)
    key = store.put(b"words")

    assert store.read(key) == b"words"
    store.delete(key)
    store.delete(key)
    with pytest.raises(Missing):
        store.read(key)


def test_a_file_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    key = FolderStorage(tmp_path).put(b"words")

    file = next(tmp_path.rglob(f"{key}.bin"))
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.rglob("*.part")) == []


@given(st.text())
def test_no_other_text_is_a_key(text: str) -> None:
    with pytest.raises(Missing):
        FolderStorage(Path("/nowhere")).read(f"../{text}")
