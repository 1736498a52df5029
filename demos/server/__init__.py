"""The local kitchen: one HTTP process with the built site and an OpenAI-compatible API on one origin.

`engine` is the protocol between HTTP and a model. `api` is the HTTP side and knows engines by it alone;
`local` (transformers, on this machine), `gemini` and `upstream` are engines; `distant` is what the last two
share; `topping` trains and keeps adapters. Importing this package or any of its modules does not import
torch: the first page must not wait for it.

    python -m scripts.serve --port 8000 --model embedded
"""
