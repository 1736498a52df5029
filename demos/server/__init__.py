"""The local kitchen: one HTTP process with the built site and an OpenAI-compatible API on one origin.

`app` is the HTTP side and knows engines only by the protocol in `engine`; `local` is the engine on
transformers. Importing this package or any of its modules does not import torch: the first page must
not wait for it.

    python -m scripts.serve --port 8000 --model embedded
"""
