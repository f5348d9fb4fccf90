"""What holds for every provider that proves itself by HTTP Basic or a bearer token; tests of a provider inherit it."""

from __future__ import annotations

import base64
from datetime import timedelta
from types import ModuleType

import pytest

from dashboard.providers.base import BadSignature
from tests.providers.harness import NOW, connect, make_delivery

SECRET = "hooks:pä:ss"
RIGHT = "Basic aG9va3M6cMOkOnNz"  # printf 'hooks:pä:ss' | base64


def basic(pair: str) -> str:
    return "Basic " + base64.b64encode(pair.encode()).decode()


class BasicCases:
    adapter: ModuleType

    def check(self, authorization: str | None, secret: str = SECRET, now=NOW, **more) -> None:
        headers = {} if authorization is None else {"authorization": authorization}
        self.adapter.verify(make_delivery(b"[]", headers), connect(secret, **more), now)

    @pytest.mark.parametrize("authorization", [RIGHT, RIGHT.replace("Basic", "basic"), f"{RIGHT} ", basic(SECRET)])
    def test_right_credentials_pass(self, authorization):
        self.check(authorization)

    def test_bearer_token_passes(self):
        self.check("Bearer a-token", "a-token")

    def test_secret_without_a_user_is_the_password_of_any_user(self):
        self.check(basic("anybody:a-token"), "a-token")

    def test_without_a_secret_the_address_alone_proves_it(self):
        self.check(None, "")
        self.check("Basic ====", "")

    @pytest.mark.parametrize(
        "authorization",
        [
            None, "", "Basic", "Basic ", "Basic ====", "Basic é\x80ÿ", "Basic " + "A" * 5, RIGHT[:-2], RIGHT + "A",
            "Basic " + base64.b64encode(b"\xff\xfe:\x00").decode(), "Digest " + RIGHT[6:], RIGHT[6:], "Bearer", "Bearer ",
            "Bearer " + RIGHT[6:], basic("hooks:other"), basic("other:pä:ss"), basic("hooks:pä"), basic("hooks"), basic(""),
            basic("HOOKS:PÄ:SS"), basic("hooks:pä:ss\n"),
        ],
    )  # fmt: skip
    def test_wrong_or_malformed_credentials_are_refused(self, authorization):
        with pytest.raises(BadSignature):
            self.check(authorization)

    def test_old_secret_passes_until_the_rotation_ends(self):
        rotation = {"old_secret": SECRET, "old_until": NOW + timedelta(minutes=1)}

        self.check(RIGHT, "hooks:new", **rotation)
        self.check(basic("hooks:new"), "hooks:new", **rotation)
        with pytest.raises(BadSignature):
            self.check(RIGHT, "hooks:new", NOW + timedelta(minutes=2), **rotation)

    def test_secret_of_simulated_traffic_passes_beside_the_real_one_until_it_ends(self):
        trial = {"trial_secret": "trial:secret", "trial_until": NOW + timedelta(minutes=1)}

        self.check(basic("trial:secret"), **trial)
        self.check(RIGHT, **trial)
        with pytest.raises(BadSignature):
            self.check(basic("trial:secret"), now=NOW + timedelta(minutes=2), **trial)
