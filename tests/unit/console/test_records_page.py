from __future__ import annotations

import re

from tests.helpers.asgi import Asker

PATH = "/models/delays/records"


def test_records_with_their_faults_and_labels(asker: Asker) -> None:
    text = asker.page(PATH).text
    assert text.count("<tr>") == 51
    assert "Older records" in text
    assert "unseen</span>" in text


def test_a_filter_is_kept_in_the_form_and_in_the_next_page(asker: Asker) -> None:
    text = asker.page(f"{PATH}?flag=missing&minimum=0.05&start=2013-06-20").text
    assert '<option value="missing" selected>' in text
    assert 'value="0.05"' in text
    older = re.search(r'href="(\?[^"]*cursor=[^"]*)"', text)
    assert older is not None
    following = asker.page(PATH + older[1].replace("&amp;", "&"))
    assert following.status_code == 200
    assert '<option value="missing" selected>' in following.text


def test_a_wrong_filter_is_shown_with_what_is_wrong(asker: Asker) -> None:
    for query in ("start=yesterday", "minimum=much", "flag=ugly", "cursor=x", "end=%3Cscript%3E"):
        answer = asker.page(f"{PATH}?{query}")
        assert answer.status_code == 200
        assert 'role="alert"' in answer.text
        assert "<script>" not in answer.text


def test_nothing_found_says_what_to_try(asker: Asker) -> None:
    assert "No record matches." in asker.page(f"{PATH}?end=1971-01-01").text


def test_one_record_s_story(asker: Asker) -> None:
    link = re.search(r'href="(/models/delays/records/[^"]+)"', asker.page(f"{PATH}?flag=unseen").text)
    assert link is not None
    text = asker.page(link[1]).text
    assert "not what the schema allows" in text
    assert "never seen</span>" in text
    assert "Alerts open at its time" in text
    assert asker.page(f"{PATH}/nope").status_code == 404


def test_a_failed_record_shows_its_error_as_text(asker: Asker) -> None:
    link = re.search(r'href="(/models/delays/records/[^"]+)"', asker.page(f"{PATH}?failed=yes").text)
    assert link is not None
    text = asker.page(link[1]).text
    assert "It failed: model failed: &lt;i&gt;division by zero&lt;/i&gt;" in text
