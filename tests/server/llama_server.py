"""llama.cpp's own server, by way of xllamacpp, until its input ends. It prints where it listens.

python tests/server/llama_server.py model.gguf 8123
"""

import sys

import xllamacpp


def main(file: str, port: str) -> None:
    """Serve one model, one answer at a time."""
    params = xllamacpp.CommonParams()
    params.model.path = file
    params.hostnames, params.port = ["127.0.0.1"], int(port)
    params.n_parallel, params.cpuparams.n_threads = 1, 1
    params.endpoint_slots = params.endpoint_metrics = True
    params.fit_params = params.ui = params.warmup = False
    server = xllamacpp.Server(params)
    sys.stdout.write(f"llama.cpp listens on {server.listening_address}\n")
    sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
