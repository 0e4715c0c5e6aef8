"""What an App can ask about its installations and its deliveries."""

from __future__ import annotations

from typing import Any

from tests.fake_github import shapes
from tests.fake_github.deliveries import INSTALLATION
from tests.fake_github.routes import Call
from tests.fake_github.state import MOMENT, Delivered, RefusedError


def installations(call: Call) -> tuple[int, Any]:
    _as_app(call)
    url = call.state.url
    return 200, call.page(
        [
            {
                "id": INSTALLATION,
                "account": None,
                "repository_selection": "all",
                "access_tokens_url": f"{url}/app/installations/{INSTALLATION}/access_tokens",
                "repositories_url": f"{url}/installation/repositories",
                "html_url": f"{url}/installations/{INSTALLATION}",
                "app_id": call.state.app.id,
                "app_slug": call.state.app.slug,
                "target_id": 1,
                "target_type": "Organization",
                "permissions": call.state.permissions,
                "events": call.state.events,
                "created_at": MOMENT,
                "updated_at": MOMENT,
                "single_file_name": None,
                "suspended_by": None,
                "suspended_at": None,
            }
        ]
    )


def app(call: Call) -> tuple[int, Any]:
    _as_app(call)
    found = shapes.app(call.state.url, call.state.app)
    return 200, found | {"permissions": call.state.permissions, "events": call.state.events}


def hook(call: Call) -> tuple[int, Any]:
    _as_app(call)
    return 200, call.state.hook


def conversion(call: Call, code: str) -> tuple[int, Any]:
    """The App that was registered, for the code and nothing else."""
    made = call.state.conversions.pop(code, None)
    if made is None:
        raise RefusedError(404, "Not Found")
    registered = shapes.app(call.state.url, call.state.app) | {"client_id": "Iv1.0", "permissions": {}, "events": []}
    return 201, registered | made


def repositories(call: Call) -> tuple[int, Any]:
    if call.who is None:
        raise RefusedError(401, "Bad credentials")
    found = [shapes.repository(call.state.url, one) for one in call.state.repositories.values()]
    return 200, {"total_count": len(found), "repositories": call.page(found)}


def listed(call: Call) -> tuple[int, Any]:
    """The newest first; a page is asked for by the delivery that begins it, which the one before names."""
    _as_app(call)
    all_made, size = call.state.deliveries[::-1], int(call.query.get("per_page", 30))
    first = int(str(call.query.get("cursor", "v1_0")).removeprefix("v1_"))
    if first + size < len(all_made):
        following = f"{call.state.url}/app/hook/deliveries?per_page={size}&cursor=v1_{first + size}"
        call.headers["Link"] = f'<{following}>; rel="next"'
    return 200, [_short(one) for one in all_made[first : first + size]]


def one(call: Call, number: str) -> tuple[int, Any]:
    _as_app(call)
    for found in call.state.deliveries:
        if found.id == int(number):
            request = {"headers": {"X-GitHub-Event": found.event}, "payload": found.payload}
            return 200, _short(found) | {"request": request, "response": {"headers": None, "payload": None}}
    raise RefusedError(404, "Not Found")


def _short(found: Delivered) -> dict[str, Any]:
    return {
        "id": found.id,
        "guid": found.guid,
        "delivered_at": found.moment,
        "redelivery": False,
        "duration": 0.03,
        "status": "OK" if found.status == 202 else "failed to connect to host",
        "status_code": found.status,
        "event": found.event,
        "action": found.payload.get("action"),
        "installation_id": INSTALLATION,
        "repository_id": 1,
    }


def _as_app(call: Call) -> None:
    if call.who is not None:
        raise RefusedError(401, "A JSON web token could not be decoded")
