"""What a build says when MkDocs gives up."""

import pathlib

import pytest

from i18n import build
from i18n.errors import SiteError


def test_a_config_that_mkdocs_refuses_is_named_after_what_mkdocs_said_of_it(tmp_path: pathlib.Path) -> None:
    config = tmp_path / "mkdocs.yml"
    config.write_text("site_name: Tiny\ntheme: nowhere\n", "utf-8")
    (tmp_path / "docs").mkdir()
    with pytest.raises(SiteError) as caught:
        build.build(config, tmp_path / "site")
    *said, last = caught.value.sentences
    assert "Unrecognised theme name: 'nowhere'." in said[0]
    assert last == f"MkDocs could not build {config} (Aborted with a configuration error!)."
