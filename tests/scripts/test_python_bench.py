"""What the benchmark says of Python in the pages, from visits that are made up."""

from scripts.python_bench import Visit, figures


def test_a_demo_is_told_in_five_figures_medians_of_its_visits():
    visits = [
        (Visit(4.0, 300_000, 7_000_000, 90), Visit(1.0, 300_000, 300_000, 0)),
        (Visit(3.0, 300_000, 7_000_000, 260), Visit(2.0, 300_000, 300_000, 70)),
        (Visit(9.0, 300_000, 7_000_000, 80), Visit(1.5, 300_000, 300_000, 0)),
    ]
    rows = {row.name.partition(": ")[2]: row for row in figures("receipt", visits)}
    assert rows["first result, new visitor"].value == 4.0
    assert (rows["first result, again"].value, rows["first result, again"].ratio) == (1.5, 0.375)
    assert (rows["page before use"].value, rows["page after use"].value) == (0.3, 7.0)
    assert (rows["longest task"].value, rows["longest task"].ok) == (90, True)
