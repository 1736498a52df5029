"""Settings from flags, environment and a file: which one wins, and the sentence for each that cannot be."""

import pathlib
import re

import pytest
from typer.testing import CliRunner

from demos.server import config
from demos.server.settings import Settings
from scripts import serve

HELP = pathlib.Path(__file__).parents[2] / "docs" / "parts" / "serve_help.txt"


def toml(folder: pathlib.Path, text: str) -> pathlib.Path:
    path = folder / "kitchen.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_without_anything_there_are_the_defaults():
    assert config.read({}, {}) == Settings()


def test_flags_go_before_variables_and_variables_before_the_file(tmp_path):
    file = toml(tmp_path, "max_images = 1\nmax_prompt_tokens = 1\nport = 1\n")
    variables = {"TWO_BOWLS_MAX_PROMPT_TOKENS": "2", "TWO_BOWLS_PORT": "2"}
    found = config.read({"port": "3", "model": None, "hosts": []}, variables, file)
    assert (found.max_images, found.max_prompt_tokens, found.port) == (1, 2, "3")
    assert found.model == ("embedded",)


def test_every_source_has_its_way_to_write_a_list(tmp_path):
    for flags, variables, file in (
        ({"model": ["a", "b"]}, {}, None),
        ({}, {"TWO_BOWLS_MODEL": "a, b"}, None),
        ({}, {}, toml(tmp_path, 'model = ["a", "b"]')),
    ):
        assert config.read(flags, variables, file).model == ("a", "b")


def test_a_variable_names_the_file_and_other_variables_are_not_settings(tmp_path):
    file = toml(tmp_path, "open = false")
    variables = {"TWO_BOWLS_CONFIG": str(file), "TWO_BOWLS_CACHE": "x", "TWO_BOWLS_THREADS": "", "PORT": "1"}
    assert config.read({}, variables).open is False


@pytest.mark.parametrize(
    ("flags", "variables", "text", "sentence"),
    [
        (
            {"max_images": "many"},
            {},
            "",
            (
                "--max-images is not as it should be: input should be a valid integer, unable to parse "
                "string as an integer, found 'many'."
            ),
        ),
        (
            {},
            {"TWO_BOWLS_MAX_IMAGES": "0"},
            "",
            (
                "TWO_BOWLS_MAX_IMAGES is not as it should be: input should be greater than or equal to 1, "
                "found '0'."
            ),
        ),
        (
            {},
            {},
            "log = 'all'",
            "{file}: log is not as it should be: input should be 'problems' or 'requests', found 'all'.",
        ),
        (
            {},
            {"TWO_BOWLS_TOKEN": "too short"},
            "",
            "TWO_BOWLS_TOKEN is not as it should be: string should have at least 16 characters.",
        ),
        ({}, {"TWO_BOWLS_PROT": "1"}, "", "TWO_BOWLS_PROT is no setting: did you mean 'port'?"),
        ({}, {}, "max_image = 1", "{file}: max_image is no setting: did you mean 'max_images'?"),
        ({}, {}, "= 1", "The settings in {file} are no TOML: Invalid statement (at line 1, column 1)."),
    ],
)
def test_a_wrong_setting_is_named_with_its_place(tmp_path, flags, variables, text, sentence):
    file = toml(tmp_path, text)
    with pytest.raises(config.ConfigError) as caught:
        config.read(flags, variables, file)
    assert str(caught.value) == sentence.format(file=file)


def test_a_file_that_is_not_there_is_one_sentence(tmp_path):
    with pytest.raises(config.ConfigError) as caught:
        config.read({}, {}, tmp_path / "none.toml")
    assert (
        str(caught.value)
        == f"The settings in {tmp_path / 'none.toml'} cannot be read: No such file or directory."
    )


def test_a_token_is_never_shown():
    assert "a secret of mine" not in repr(Settings(token="a secret of mine"))  # noqa: S106


def test_the_help_in_the_docs_is_what_the_command_says():
    # Regenerate: python -m scripts.serve --help > docs/parts/serve_help.txt
    shown = CliRunner().invoke(serve.app, ["--help"], prog_name="python -m scripts.serve").stdout
    assert HELP.read_text("utf-8").strip() == shown.strip()


def test_every_setting_is_a_flag_with_a_help_text():
    shown = CliRunner().invoke(serve.app, ["--help"]).stdout
    for name in config.NAMES:
        assert re.search(rf"--{name.replace('_', '-')}\b.*? {{2,}}\S", shown), name


@pytest.mark.parametrize(
    ("arguments", "private", "token"),
    [
        ({}, True, False),
        ({"host": "localhost"}, True, False),
        ({"host": "::1"}, True, False),
        ({"host": "0.0.0.0"}, False, True),  # noqa: S104 - that is the point
        ({"host": "192.168.1.5"}, False, True),
        ({"host": "192.168.1.5", "token": "one of my own choice"}, False, True),
        ({"token": "one of my own choice"}, True, True),
    ],
)
def test_whoever_others_can_reach_has_a_token(arguments, private, token):
    settings = serve.secured(Settings(**arguments))
    assert bool(settings.token) is token
    assert settings.token == arguments.get("token", settings.token)
    assert len(settings.token or 16 * "x") >= 16
    assert ("127.0.0.1" in settings.hosts or "::1" in settings.hosts) is (private or "0.0" in settings.host)
