"""Finished work leaves the database in time, and not before GitHub has forgotten its delivery."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, text

from bot import settings as settings_module
from bot.durable import database, retention
from bot.durable.inbox import Inbox
from bot.durable.retention import DAY, Retention
from bot.jobs import Job
from bot.settings import SettingsError

NOW = 1_800_000_000.0


def job(number: int) -> Job:
    return Job(f"d{number}", 1, "acme/shop", "a" * 40, number, "main")


def test_what_ended_long_ago_is_deleted(url: str, inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "PORTION", 2)
    engine, forget = create_engine(url), Retention(url, 3, lambda: NOW)
    table = database.status_table(engine)
    for number in range(8):
        assert inbox.submit(job(number))
    with engine.begin() as session:
        for number in range(6):  # the others wait
            ended = f"UPDATE {table} SET status = 'SUCCESS', completed_at = {(NOW - number * DAY) * 1000 - 1:.0f}"
            session.execute(text(f"{ended} WHERE workflow_uuid = 'd{number}'"))
    assert (forget(), forget()) == (3, 0)
    assert [inbox.submit(job(number)) for number in range(8)] == [False] * 3 + [True] * 3 + [False] * 2
    with engine.connect() as session:
        assert session.execute(text(f"SELECT count(*) FROM {table.replace('status', 'input')}")).scalar_one() == 8
    forget.close()
    engine.dispose()


def test_it_is_not_deleted_while_github_can_send_it_again() -> None:
    with pytest.raises(SettingsError, match="PREADMIT_KEEP_DAYS must be a number from 3 to 3650"):
        settings_module.read({"PREADMIT_KEEP_DAYS": "2"})
