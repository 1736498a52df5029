"""The kitchen on many machines: Ray Serve keeps as many replicas of the whole app as there is work for.

Each replica is what `make serve` runs, the app with one engine behind it, so the API is the same to the last
byte. Ray's proxy sends a request to the replica with the shorter queue, starts another one when queues grow,
and replaces one that has died; what was being answered there is lost, and nothing else is.

Knows Ray and the app, but no command line. `/metrics` tells of the replica that happens to answer.
"""

import os
import pathlib
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import ray
from ray import serve
from starlette.types import ASGIApp

from demos.server import log
from demos.server.api import listen
from demos.server.api.app import create_app
from demos.server.errors import KitchenError
from demos.server.local import menu, weights
from demos.server.local.engine import LocalEngine
from demos.server.settings import Settings

NAME = "two-bowls"


@dataclass(frozen=True)
class Size:
    """How large the kitchen may become.

    Attributes:
        least: replicas that are always there.
        most: replicas at the most.
        cores: of a CPU, for one replica; where there are GPUs it gets one of them, too.
    """

    least: int
    most: int
    cores: int


@serve.deployment
@serve.ingress()
class Kitchen:
    """One replica."""

    def __init__(self, settings: Settings, site: str) -> None:
        """Load the model, which takes as long as it takes `make serve`.

        Args:
            settings: the first model is cooked with.
            site: the folder of the built website; may be missing, then there is the API alone.

        Raises:
            RuntimeError: it cannot be loaded; Ray shows the reason and tries again.
        """
        log.set_up(settings.log)
        self.settings, self.site = settings, pathlib.Path(site)
        source = menu.choose(
            settings.model[0],
            weights.cache_folder(),
            four_bit=settings.four_bit,
            drafter=settings.drafter,
        )
        self.engine = LocalEngine(source, settings)
        self.engine.start()
        status = self.engine.wait_loaded()
        if status.state != "ready":
            raise RuntimeError(status.reason)

    def __serve_build_asgi_app__(self) -> ASGIApp:
        """What Ray serves: asked for once, after the model is loaded."""
        return create_app([self.engine], self.settings, self.site, closing=threading.Event())

    def __del__(self) -> None:
        """Ray is done with this replica, and no order is left."""
        if hasattr(self, "engine"):
            self.engine.close()
            self.engine.wait_closed(1)


def start(settings: Settings, size: Size, site: pathlib.Path, address: str | None) -> None:
    """Begin to serve; returns when the least number of replicas answers.

    Args:
        settings: of each replica, and the port and host of Ray's proxy.
        size: how many replicas.
        site: the folder of the built website.
        address: of a Ray cluster that runs; None starts one on this machine.

    Raises:
        KitchenError: this machine has no room for the least number of replicas.
    """
    # For Ray's processes, here and on other machines: no statistics to its makers, no model downloaded.
    private = {"RAY_USAGE_STATS_ENABLED": "0", "HF_HUB_OFFLINE": "1"}
    kept = {name: value for name in ("TWO_BOWLS_CACHE", "PYTHONPATH") if (value := os.environ.get(name))}
    os.environ.update(private)
    ray.init(
        address=address,
        include_dashboard=False if address is None else None,
        log_to_driver=False,
        runtime_env={"env_vars": private | kept},
    )
    resources = ray.cluster_resources()
    if address is None and (problem := crowded(size, resources)):
        raise KitchenError(problem)
    serve.start(http_options={"host": str(listen.address_of(settings.host)), "port": int(settings.port)})
    deployment: Any = Kitchen
    app = deployment.options(**options(settings, size, resources))
    if not settings.threads:
        settings = replace(settings, threads=size.cores)
    serve.run(app.bind(settings, str(site)), name=NAME)


def crowded(size: Size, resources: Mapping[str, float]) -> str | None:
    """Why the least number of replicas does not fit beside each other, None where it does."""
    room = int(resources.get("CPU", 0)) // size.cores
    if gpus := resources.get("GPU"):
        room = min(room, int(gpus))
    if room >= size.least:
        return None
    return (
        f"There is room for {room} kitchens with {size.cores} cores each on this machine, but --least asks "
        f"for {size.least}: give a smaller --least or fewer --cores."
    )


def options(settings: Settings, size: Size, resources: Mapping[str, float]) -> dict[str, Any]:
    """How Ray keeps the replicas.

    Args:
        settings: `rows` are answered together, `queue_length` wait; more than that a replica does not get.
        size: how many replicas, and how large.
        resources: of all machines, as Ray counts them.
    """
    each: dict[str, float] = {"num_cpus": size.cores}
    if resources.get("GPU"):
        each["num_gpus"] = 1
    return {
        "ray_actor_options": each,
        "max_ongoing_requests": settings.rows + settings.queue_length,
        "max_queued_requests": settings.max_requests,
        "health_check_period_s": 2,
        "graceful_shutdown_timeout_s": settings.grace_s + listen.LAST_WORDS_S,
        "autoscaling_config": {
            "min_replicas": size.least,
            "max_replicas": size.most,
            # Another replica once the rows of those that are here are taken, on average.
            "target_ongoing_requests": settings.rows,
        },
    }


def stop() -> None:
    """End the replicas, and Ray where it was started here."""
    serve.shutdown()
    ray.shutdown()
