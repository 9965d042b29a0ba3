"""Names are ids and never paths."""

import pytest

from watchkeeper.events.errors import BadInput
from watchkeeper.events.names import ITSELF, check_name, check_new_model


@pytest.mark.parametrize("name", ["a", "flights", "v1", "2026.11-rc_1", "0" * 64])
def test_good_names_pass(name: str) -> None:
    assert check_name("model", name) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "A",
        "a" * 65,
        "../etc",
        "a/b",
        "a\\b",
        "..",
        "a..b",
        ".a",
        "-a",
        "a b",
        "a\n",
        "a\x00",
        "é",
        "%2e%2e",
        "a;b",
        "a#b",
        "a?b",
    ],
)
def test_bad_names_say_what_is_allowed(name: str) -> None:
    with pytest.raises(BadInput, match="1 to 64"):
        check_name("model", name)


def test_no_model_has_the_name_of_watchkeeper_itself() -> None:
    assert check_new_model("flights") == "flights"
    for name in (ITSELF, "../etc"):
        with pytest.raises(BadInput, match=name):
            check_new_model(name)
