"""Where messages go, as addresses."""

import pytest

from transforms.channels import Channel, channel


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://desk.example/hook?id=1", Channel("webhook", "https://desk.example/hook?id=1")),
        ("http://127.0.0.1:8080/", Channel("webhook", "http://127.0.0.1:8080/")),
        ("webhook:${HOOK}", Channel("webhook", "${HOOK}")),
        ("webhook:${file:/run/secrets/hook}", Channel("webhook", "${file:/run/secrets/hook}")),
        ("mailto:desk@example.org", Channel("mail", "desk@example.org")),
        ("MAILTO:d.e-s+k@mail.example.org", Channel("mail", "d.e-s+k@mail.example.org")),
        ("atom:", Channel("atom", "")),
        ("log:", Channel("log", "")),
        ("apprise:${SLACK}", Channel("apprise", "${SLACK}")),
    ],
)
def test_what_an_address_says(address: str, expected: Channel) -> None:
    assert channel(address) == expected


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("", "is no channel"),
        ("desk@example.org", "is no channel"),
        ("ftp://desk.example/", "is no channel"),
        ("https://", "no complete"),
        ("https://[half/", "no complete"),
        ("https://desk.example/\nHost: other", "no complete"),
        ("https://desk.example:0/", "no complete"),
        ("https://desk:s3cret@desk.example/", "webhook:${NAME}"),
        ("webhook:https://desk.example/", "webhook:${NAME}"),
        ("webhook:${HOOK", "webhook:${NAME}"),
        ("webhook:${}", "webhook:${NAME}"),
        ("webhook:${file:relative}", "webhook:${NAME}"),
        ("webhook:${A}${B}", "webhook:${NAME}"),
        ("apprise:slack://token", "apprise:${NAME}"),
        ("apprise:", "apprise:${NAME}"),
        ("mailto:", "no mail address"),
        ("mailto:desk", "no mail address"),
        ("mailto:=?utf-8?q?a=0aBcc?=@example.org", "no mail address"),
        ("mailto:desk@", "no mail address"),
        ("mailto:a@b@c.example", "no mail address"),
        ("mailto:desk@example.org\nBcc: x@example.org", "no mail address"),
        ("mailto:desk@example.org,x@example.org", "no mail address"),
        ("mailto:desk@example.org?cc=x@example.org", "no mail address"),
        ("mailto:Desk <desk@example.org>", "no mail address"),
        ("mailto:дежурный@example.org", "no mail address"),
        ("mailto:desk@example.org-", "no mail address"),
        ("atom:feed.xml", "stands alone"),
        ("log:/var/log", "stands alone"),
    ],
)
def test_what_is_no_address_says_what_to_write(address: str, said: str) -> None:
    with pytest.raises(ValueError) as caught:
        channel(address)
    assert said in str(caught.value)


def test_a_secret_that_was_written_out_is_not_repeated() -> None:
    for address in ("https://desk:s3cret@desk.example/", "apprise:slack://s3cret", "webhook:https://a.example/s3cret"):
        with pytest.raises(ValueError) as caught:
            channel(address)
        assert "s3cret" not in str(caught.value)
