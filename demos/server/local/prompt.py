"""From a conversation to the tokens a model continues.

A model with a chat template is asked the way it was trained. A base model was trained on no dialogue at
all, so it is shown a few questions with short answers, in the reader's language, and then the reader's:
it goes on in the same manner. The line break after an answer is its end.
"""

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import jinja2

from demos.server.engine import Message
from demos.server.errors import RefusedConversationError


@dataclass(frozen=True)
class Prompt:
    """What a model gets.

    Attributes:
        tokens: ids, a picture's places among them.
        stop: texts that end the answer.
        trim: whether to drop leading white space of the answer.
        media: what the model's `forward` takes besides the tokens where there are pictures: tensors by name.
    """

    tokens: list[int]
    stop: tuple[str, ...] = ()
    trim: bool = False
    media: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Examples:
    """How one language asks and answers."""

    intro: str
    question: str
    answer: str
    pairs: tuple[tuple[str, str], ...]


EXAMPLES = {
    "en": Examples(
        "A patient teacher answers every question in one short sentence.",
        "Question:",
        "Answer:",
        (
            ("What is the capital of France?", "The capital of France is Paris."),
            ("Who are you?", "I am Gemma, a small language model that runs on this computer."),
            ("What is tea?", "Tea is a drink made by soaking leaves in hot water."),
            (
                "Is Gemma the same as Gemini?",
                "No, Gemma is a model that you can download, and Gemini is a service of Google.",
            ),
            (
                "Why do leaves turn red in autumn?",
                "In autumn the green in the leaves fades, and the red that was hidden shows.",
            ),
            ("Hello!", "Hello! What would you like to know?"),
        ),
    ),
    "ko": Examples(
        "친절한 선생님이 모든 질문에 짧은 한 문장으로 대답합니다.",
        "질문:",
        "답변:",
        (
            ("프랑스의 수도는 어디인가요?", "프랑스의 수도는 파리입니다."),
            ("누구세요?", "저는 이 컴퓨터에서 돌아가는 작은 언어 모델, 젬마입니다."),
            ("차가 무엇인가요?", "차는 잎을 뜨거운 물에 우려낸 음료입니다."),
            (
                "가을에 나뭇잎은 왜 빨갛게 변하나요?",
                "가을이 되면 잎의 초록색이 사라지고 숨어 있던 붉은색이 드러나기 때문입니다.",
            ),
            (
                "Gemma와 Gemini는 같은 건가요?",
                "아니요, Gemma는 직접 실행하는 모델이고 Gemini는 구글의 서비스입니다.",
            ),
            ("안녕하세요!", "안녕하세요! 무엇이 궁금하신가요?"),
        ),
    ),
    "ja": Examples(
        "親切な先生が、どの質問にも短い一文で答えます。",
        "質問：",
        "答え：",
        (
            ("フランスの首都はどこですか？", "フランスの首都はパリです。"),
            ("あなたは誰ですか？", "私はこのコンピューターで動く小さな言語モデル、Gemmaです。"),
            ("お茶とは何ですか？", "お茶は、葉をお湯に浸して作る飲み物です。"),
            (
                "GemmaとGeminiは同じものですか？",
                "いいえ、別のモデルです。Geminiと違って、Gemmaはダウンロードできます。",
            ),
            (
                "秋に葉が赤くなるのはなぜですか？",
                "秋になると葉の緑色が消えて、隠れていた赤い色が見えるようになるからです。",
            ),
            ("こんにちは！", "こんにちは！何を知りたいですか？"),
        ),
    ),
}
"""Facts that do not age, without figures; one pair says who is speaking, one answers this site's question."""


def language_of(text: str) -> str:
    """The code of the language a text is written in, told by its script: Hangul, kana, else English."""
    if re.search("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]", text):
        return "ko"
    if re.search("[\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9d]", text):
        return "ja"
    return "en"


def build(
    messages: Sequence[Message], tokenizer: Any, processor: Any = None, *, thinking: bool | None = None
) -> Prompt:
    """The prompt for a conversation, by chat template where the tokenizer has one.

    Args:
        messages: the conversation.
        tokenizer: the model's own.
        processor: turns pictures into tokens; None for a model that reads text only.
        thinking: whether the template shall ask for a thought first; None for its own default.

    Raises:
        RefusedConversationError: the template takes no such roles, or not in this order, or the processor no
            such pictures.
    """
    pictures = [picture for message in messages for picture in message.images]
    if pictures and processor is None:
        raise RefusedConversationError("This model reads text only: leave the pictures out.")
    if not tokenizer.chat_template:
        return Prompt(tokenizer.encode(as_examples(messages)), stop=("\n",), trim=True)
    turns = [{"role": m.role, "content": parts(m) if pictures else m.content} for m in messages]
    choice = {} if thinking is None else {"enable_thinking": thinking}
    try:
        text = tokenizer.apply_chat_template(turns, add_generation_prompt=True, tokenize=False, **choice)
    except jinja2.TemplateError as error:
        raise RefusedConversationError(f"The model takes no such conversation: {error}.") from error
    if not pictures:
        return Prompt(tokenizer.encode(text, add_special_tokens=False))
    try:
        inputs = processor(
            text=text,
            images=[upright(data) for data in pictures],
            add_special_tokens=False,
            return_tensors="pt",
        )
    except ValueError as error:  # a picture that is a line, or text that holds a picture's mark
        message = f"The model cannot read these pictures: {str(error).splitlines()[0].rstrip('.')}."
        raise RefusedConversationError(message) from error
    media = {name: value for name, value in inputs.items() if name not in {"input_ids", "attention_mask"}}
    return Prompt(inputs["input_ids"][0].tolist(), media=media)


def parts(message: Message) -> list[dict[str, str]]:
    """A turn as chat templates take it where pictures are about: the pictures, then the text."""
    return [*({"type": "image"} for _ in message.images), {"type": "text", "text": message.content}]


def upright(data: bytes) -> Any:
    """A picture, which the gateway has checked, in RGB and turned as its camera was held."""
    from PIL import Image, ImageOps  # noqa: PLC0415 - only needed where somebody sends a picture

    with Image.open(io.BytesIO(data)) as picture:
        return ImageOps.exif_transpose(picture).convert("RGB")


def as_examples(messages: Sequence[Message]) -> str:
    """A conversation as a text of questions and answers that stops where the next answer belongs.

    System messages stand at the top, where such a text says what it is.
    """
    questions = [m.content for m in messages if m.role == "user"]
    style = EXAMPLES[language_of(questions[-1] if questions else messages[-1].content)]
    system = [one_line(m.content) for m in messages if m.role == "system"]
    lines = [" ".join([style.intro, *system]), ""]
    for question, answer in style.pairs:
        lines += [f"{style.question} {question}", f"{style.answer} {answer}", ""]
    for message in messages:
        if message.role == "user":
            lines += [f"{style.question} {one_line(message.content)}"]
        elif message.role == "assistant":
            lines += [f"{style.answer} {one_line(message.content)}", ""]
    return "\n".join([*lines, style.answer])


def one_line(text: str) -> str:
    """The text without line breaks, which would end a question or an answer."""
    return " ".join(text.split())
