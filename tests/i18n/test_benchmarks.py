"""The benchmarks as a chart and as a table: the same rows, nothing made up."""

import pathlib
import re
import xml.etree.ElementTree as ET

import pytest

from i18n import facts
from i18n.languages import LANGUAGE
from scripts.benchmarks import BARS, Overview

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def overview():
    return Overview(facts.load(pathlib.Path(__file__).parents[2]), LANGUAGE["en"])


@pytest.fixture(scope="module")
def chart(overview):
    drawn = overview.chart("Tests & <more>").replace("<svg ", f'<svg xmlns="{SVG[1:-1]}" ', 1)
    return ET.fromstring(drawn)  # noqa: S314 - our own


def test_the_chart_has_an_accessible_name_and_says_its_figures(chart, overview):
    assert chart.get("role") == "img"
    named = [chart.find(f"{SVG}*[@id='{name}']").text for name in chart.get("aria-labelledby").split()]
    assert named[0] == "Tests & <more>"
    assert named[1].startswith("GPQA Diamond: Gemini 3.1 Pro 94.3, Gemma 4 31B 84.3, Gemma 4 E2B 43.4.")


def test_the_bars_are_the_figures_of_the_table(chart, overview):
    lengths = [float(bar.get("width")) for bar in chart.iter(f"{SVG}rect")]
    figures = [
        test.scores[column.key]
        for test in overview.shared
        for column in overview.charted
        if column.key in test.scores
    ]
    assert lengths == [pytest.approx(figure * BARS / 100, abs=0.1) for figure in figures]
    said = [text.text for text in chart.iter(f"{SVG}text")]
    assert [text for text in said if re.fullmatch(r"[\d.]+", text)] == [f"{figure:g}" for figure in figures]


def test_the_colour_of_a_bar_is_that_of_its_bowl(chart):
    assert {bar.get("class") for bar in chart.iter(f"{SVG}rect")} == {"chart-gemini", "chart-gemma"}


def test_the_chart_has_only_tests_that_both_bowls_report(overview):
    for test in overview.shared:
        assert any(key.startswith("gemini") for key in test.scores)
        assert any(key.startswith("gemma") for key in test.scores)
    assert {test.key for test in overview.shared} == {"gpqa_diamond", "hle", "mmmu_pro", "mrcr"}


def test_a_figure_that_was_not_found_is_not_there(overview):
    hle = next(test for test in overview.shared if test.key == "hle")
    assert "gemma_12b" not in hle.scores
    assert not any(model.startswith("gemini_4_") for test in overview.shared for model in test.scores)
