"""The official client: pictures go in as parts, and each refusal is the exception that it names."""

import base64
import io

import openai
import pytest
from PIL import Image

from demos.server.api.app import create_app
from demos.server.engine import Delta
from demos.server.errors import BusyError, NotReadyError, PromptTooLongError
from demos.server.settings import Settings
from tests.server.engines import serving
from tests.server.fake import DONE, FakeEngine

HELLO = [{"role": "user", "content": "hello"}]
SECRET = "open sesame, please"  # noqa: S105 - of the tests


def ask(site, engine, messages, settings=None, key="none"):
    """The whole answer."""
    chosen = settings or Settings()
    with (
        serving(create_app([engine], chosen, site), chosen) as address,
        openai.OpenAI(base_url=f"{address}/v1", api_key=key, max_retries=0) as api,
    ):
        return api.chat.completions.create(model="fake", messages=messages).choices[0].message.content


def test_pictures_and_texts_go_in_as_parts(site):
    file = io.BytesIO()
    Image.new("RGB", (4, 3), "orange").save(file, "PNG")
    url = f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
    engine = FakeEngine([Delta("ramen"), DONE])
    parts = [
        {"type": "text", "text": "What is "},
        {"type": "image_url", "image_url": {"url": url}},
        {"type": "text", "text": "it?"},
    ]
    assert ask(site, engine, [{"role": "user", "content": parts}]) == "ramen"
    (message,) = engine.orders[0].messages
    assert (message.content, message.images) == ("What is it?", (file.getvalue(),))


@pytest.mark.parametrize(
    ("refusal", "token", "kind", "code", "wait"),
    [
        (BusyError("Every seat is taken."), None, openai.RateLimitError, "queue_full", "5"),
        (None, SECRET, openai.AuthenticationError, "invalid_token", None),
        (NotReadyError("It is loading."), None, openai.InternalServerError, "model_not_ready", "5"),
        (PromptTooLongError("Too long."), None, openai.BadRequestError, "context_length_exceeded", None),
    ],
)
def test_each_refusal_is_an_exception_of_its_own(site, refusal, token, kind, code, wait):  # noqa: PLR0917
    engine = FakeEngine([Delta("ramen"), DONE])
    engine.refusal = refusal
    settings = Settings(token=token)
    with pytest.raises(kind) as caught:
        ask(site, engine, HELLO, settings)
    assert caught.value.code == code
    assert caught.value.response.headers.get("retry-after") == wait
    engine.refusal = None
    assert ask(site, engine, HELLO, settings, key=token or "none") == "ramen"
