"""The questionnaires, the bands and the tablet's words hang together."""

import pytest

from portal.survey.rules.kiosk import LANGUAGES, SERVICES, script, service_name
from portal.survey.rules.questionnaire import BANDS, QUESTIONNAIRES, asked_by


def test_the_rule_and_its_form_swap_the_last_two_elements() -> None:
    skm = asked_by()

    assert skm.list_order[7:] == ("pengaduan", "sarana")
    assert skm.form_order[7:] == ("sarana", "pengaduan")
    assert (skm.number("sarana"), skm.number("pengaduan")) == ("U9", "U8")


@pytest.mark.parametrize("questionnaire", QUESTIONNAIRES.values(), ids=lambda one: one.id)
def test_each_questionnaire_has_nine_elements_and_bands_of_its_own(questionnaire) -> None:
    bands = BANDS[questionnaire.bands]

    assert questionnaire.size == 9
    assert set(questionnaire.list_order) == set(questionnaire.form_order)
    assert set(questionnaire.list_order) == set(questionnaire.elements)
    assert bands.questionnaire == questionnaire.id
    starts = [grade.start for grade in bands.grades]
    assert starts == sorted(starts)
    assert starts[0] == 25
    assert bands.top == 100


def test_every_language_says_everything_and_each_question_has_four_answers() -> None:
    shown = script()
    first, *others = shown["languages"]
    codes = {element["code"] for element in shown["elements"]}

    for language in (first, *others):
        assert set(language["questions"]) == codes
        assert {len(words) for words in language["questions"].values()} == {5}
        assert set(language["services"]) == set(SERVICES)
        for part in ("ages", "sexes", "words"):
            assert set(language[part]) == set(first[part])
    assert {"id", "en"} == LANGUAGES


def test_no_sentence_on_the_tablet_is_longer_than_eight_words() -> None:
    for language in script()["languages"]:
        texts = [*language["words"].values(), *(q[0] for q in language["questions"].values())]
        sentences = [s for t in texts for s in t.replace("?", ".").replace("!", ".").split(".")]
        assert [s for s in sentences if len(s.split()) > 8] == []


def test_the_official_question_comes_with_each_element_unchanged() -> None:
    elements = {e["code"]: e["official"] for e in script()["elements"]}

    assert elements["biaya"] == (
        "Bagaimana pendapat Saudara tentang kewajaran biaya/tarif dalam pelayanan?"
    )
    assert asked_by().elements["biaya"].answers == (
        "Sangat mahal", "Cukup mahal", "Murah", "Gratis",
    )  # fmt: skip


def test_a_service_without_a_word_shows_its_code() -> None:
    assert (service_name("titipan"), service_name("parkir")) == ("Titip barang", "parkir")
