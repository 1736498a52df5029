"""What is made of Lighthouse's reports; Lighthouse itself runs in make bench."""

from scripts import lighthouse


def report(performance: float, shift: float = 0.0, size: float = 100_000) -> lighthouse.Report:
    scores = {"performance": performance, "accessibility": 1, "best-practices": 1, "seo": 1}
    return {
        "categories": {name: {"score": score} for name, score in scores.items()},
        "audits": {
            "cumulative-layout-shift": {"numericValue": shift},
            "total-byte-weight": {"numericValue": size},
        },
    }


def test_a_score_is_the_median_of_the_runs() -> None:
    found = lighthouse.findings("en home", [report(0.9), report(0.97), report(0.96)], home=True)
    assert found[0] == lighthouse.Finding("en home: performance", 96, "", "at least 95", ok=True)


def test_each_bound_is_checked() -> None:
    found = lighthouse.findings("ja home", [report(0.94, shift=0.03, size=401_000)], home=True)
    assert {finding.name for finding in found if not finding.ok} == {
        "ja home: performance",
        "ja home: shift",
        "ja home: transfer",
    }


def test_only_the_home_page_is_bound_in_bytes() -> None:
    names = [finding.name for finding in lighthouse.findings("ko story", [report(1)], home=False)]
    assert names == [
        f"ko story: {each}" for each in ("performance", "accessibility", "best-practices", "seo", "shift")
    ]
