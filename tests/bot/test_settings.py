"""The service's settings: all faults in one line, no secret in any text."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.settings import Settings, SettingsError, read

KEY = "-----BEGIN RSA PRIVATE KEY-----\nMIIsecret\n-----END RSA PRIVATE KEY-----\n"
GOOD = {"PREADMIT_APP_ID": "4711", "PREADMIT_PRIVATE_KEY": KEY, "PREADMIT_WEBHOOK_SECRET": "hush"}


def test_defaults() -> None:
    assert read(GOOD) == Settings(4711, KEY, ("hush",), "https://api.github.com", 8080, Path("/var/lib/preadmit"), 4)


def test_all_may_be_set(tmp_path: Path) -> None:
    more = {
        "GITHUB_API_URL": "https://github.example.com/api/v3/",
        "PORT": "9000",
        "PREADMIT_STATE_DIR": str(tmp_path),
        "PREADMIT_THREADS": "2",
        "PREADMIT_DATABASE_URL": "postgresql://bot:hush@db/preadmit",
        "PREADMIT_GRACE_SECONDS": "5",
    }
    found = read(GOOD | more)
    assert (found.api_url, found.port, found.state_dir, found.threads) == (
        "https://github.example.com/api/v3",
        9000,
        tmp_path,
        2,
    )
    assert (found.database_url, found.grace_seconds) == ("postgresql://bot:hush@db/preadmit", 5)
    assert "hush" not in repr(found)


def test_nothing_set_names_everything_in_one_line() -> None:
    with pytest.raises(SettingsError) as raised:
        read({})
    assert str(raised.value) == (
        "PREADMIT_APP_ID is not set; PREADMIT_PRIVATE_KEY or PREADMIT_PRIVATE_KEY_FILE is not set; "
        "PREADMIT_WEBHOOK_SECRET is not set"
    )


def test_the_key_may_be_one_line_or_a_file(tmp_path: Path) -> None:
    assert read(GOOD | {"PREADMIT_PRIVATE_KEY": KEY.replace("\n", "\\n")}).private_key == KEY
    file = tmp_path / "key.pem"
    file.write_text(KEY)
    assert read(GOOD | {"PREADMIT_PRIVATE_KEY": "", "PREADMIT_PRIVATE_KEY_FILE": str(file)}).private_key == KEY


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("PREADMIT_APP_ID", "Iv1.abc", "PREADMIT_APP_ID must be a number from 1"),
        ("PREADMIT_APP_ID", "0", "PREADMIT_APP_ID must be a number from 1"),
        (
            "PREADMIT_DATABASE_URL",
            "mysql://bot:hush@db/preadmit",
            "PREADMIT_DATABASE_URL is no address like postgresql://USER:PASSWORD@HOST/DATABASE",
        ),
        ("PORT", "99999", "PORT must be a number from 1 to 65535"),
        ("PORT", "٣", "PORT must be a number from 1 to 65535"),
        ("GITHUB_API_URL", "github.example.com", "GITHUB_API_URL is no address like https://github.example.com/api/v3"),
        ("PREADMIT_PRIVATE_KEY", "hush", "PREADMIT_PRIVATE_KEY holds no PEM key (it begins with -----BEGIN)"),
        ("PREADMIT_WEBHOOK_SECRET", "", "PREADMIT_WEBHOOK_SECRET is not set"),
    ],
)
def test_a_bad_value_is_named(name: str, value: str, expected: str) -> None:
    with pytest.raises(SettingsError) as raised:
        read(GOOD | {name: value})
    assert str(raised.value) == expected


def test_an_unreadable_key_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="PREADMIT_PRIVATE_KEY_FILE: the file cannot be read"):
        read(GOOD | {"PREADMIT_PRIVATE_KEY": "", "PREADMIT_PRIVATE_KEY_FILE": str(tmp_path / "absent")})


def test_secrets_stand_in_no_repr() -> None:
    shown = repr(read(GOOD))
    assert "MIIsecret" not in shown
    assert "hush" not in shown
