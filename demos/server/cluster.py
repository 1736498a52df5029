"""The kitchen on many machines: Ray Serve keeps as many replicas of the whole app as there is work for.

Each replica is what `make serve` runs, the app with one engine behind it, so the API is the same but for what
several kitchens cannot do as one: no topping is trained, as only one of them would have it, and the
restaurant stays closed, as nobody would count what all of them spend. Ray's proxy sends a request to the
replica with the shorter queue, starts another one when queues grow, and replaces one that has died; what was
being answered there is lost, and nothing else is.

Knows Ray and the app, but no command line. `/metrics` tells of the replica that happens to answer.
"""

import os
import pathlib
import re
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import ray
from ray import serve
from starlette.types import ASGIApp

from demos.server import log
from demos.server.api import listen, proxied, restaurant, tab, toppings
from demos.server.api.app import create_app
from demos.server.distant.hosted import HostedModel
from demos.server.errors import KitchenError, UnsupportedError
from demos.server.local import menu, threads, weights
from demos.server.local.engine import LocalEngine
from demos.server.settings import Settings
from demos.server.topping.kept import Kept
from demos.server.topping.trainer import Trainer

NAME = "two-bowls"
DOORMEN = f"{proxied.__name__}.{proxied.doormen.__name__}"
REASON = re.compile(rf"^{re.escape(KitchenError.__module__)}\.\w+: (.+)", re.MULTILINE)
"""One of the kitchen's own sentences in the tracebacks that Ray collects."""


@dataclass(frozen=True)
class Size:
    """How large the kitchen may become.

    Attributes:
        least: replicas that are always there.
        most: replicas at the most.
        cores: of a CPU, for one replica, None for an equal share; where there are GPUs it gets one of them,
            too.
        open_after_s: how long there must be work for more replicas before another one starts.
        close_after_s: how long there must be work for fewer before one ends.
    """

    least: int
    most: int
    cores: int | None = None
    open_after_s: float = 10.0
    close_after_s: float = 300.0


class NoTrainer(Trainer):
    """Says why there are no toppings to train."""

    def __init__(self) -> None:
        """Without a model."""
        super().__init__([])

    def ready(self) -> tuple[LocalEngine, pathlib.Path, Kept]:
        """Never.

        Raises:
            UnsupportedError: always.
        """
        raise UnsupportedError(
            "A topping would be in one of several kitchens only: train it with make serve, and they have it "
            "when they start.",
            code="toppings_not_supported",
        )


@serve.deployment
@serve.ingress()
class Kitchen:
    """One replica."""

    def __init__(self, settings: Settings, site: str, hosted: Sequence[HostedModel]) -> None:
        """Load the model, which takes as long as it takes `make serve`.

        Args:
            settings: the first model is cooked with.
            site: the folder of the built website; may be missing, then there is the API alone.
            hosted: the restaurant's menu, to hang outside.

        Raises:
            KitchenError: it cannot be loaded; Ray tries again a few times.
        """
        log.set_up(settings.log)
        self.settings, self.hosted = settings, hosted
        folder = pathlib.Path(site)
        self.site = folder if folder.is_dir() else pathlib.Path(tempfile.mkdtemp(prefix="no-site-"))
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
            raise KitchenError(status.reason or "The model did not load.")

    def __serve_build_asgi_app__(self) -> ASGIApp:
        """What Ray serves: asked for once, after the model is loaded."""
        routers = [
            restaurant.router([self.engine], lambda: self.hosted, self.settings),
            tab.router(weights.cache_folder()),
            toppings.router(NoTrainer()),
        ]
        app = create_app([self.engine], self.settings, self.site, routers, closing=threading.Event())
        return proxied.Named(app, serve.get_replica_context().replica_id.unique_id)

    def __del__(self) -> None:
        """Ray is done with this replica, and no order is left."""
        if hasattr(self, "engine"):
            self.engine.close()
            self.engine.wait_closed(1)


def start(
    settings: Settings,
    size: Size,
    site: pathlib.Path,
    hosted: Sequence[HostedModel],
    address: str | None,
) -> None:
    """Begin to serve; returns when the least number of replicas answers.

    Args:
        settings: of each replica, and the port and host of Ray's proxy.
        size: how many replicas.
        site: the folder of the built website.
        hosted: the restaurant's menu.
        address: of a Ray cluster that runs; None starts one on this machine.

    Raises:
        KitchenError: the port is none or taken, this machine has no room for the least number of replicas,
            or the model does not load.
    """
    port = listen.number(settings.port)
    if address is None:
        # Ray's own words for a taken port are a traceback.
        listen.reserve(settings.port, settings.host).close()
    # For Ray's processes, here and on other machines: no statistics to its makers, no model downloaded.
    private = {
        "RAY_USAGE_STATS_ENABLED": "0",
        "HF_HUB_OFFLINE": "1",
        "RAY_SERVE_HTTP_PROXY_CALLBACK_IMPORT_PATH": DOORMEN,
    }
    kept = {name: value for name in ("TWO_BOWLS_CACHE", "PYTHONPATH") if (value := os.environ.get(name))}
    os.environ.update(private)
    ray.init(
        address=address,
        num_cpus=threads.cores() if address is None else None,
        include_dashboard=False if address is None else None,
        log_to_driver=False,
        runtime_env={"env_vars": private | kept},
    )
    resources = ray.cluster_resources()
    machines = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    size = replace(size, cores=size.cores or share(size.most, machines))
    if address is None and (problem := crowded(size, resources)):
        raise KitchenError(problem)
    serve.start(http_options={"host": str(listen.address_of(settings.host)), "port": port})
    deployment: Any = Kitchen
    app = deployment.options(**options(settings, size, resources))
    try:
        serve.run(app.bind(inside(settings, size), str(site), tuple(hosted)), name=NAME)
    except RuntimeError as error:
        raise KitchenError(why(error)) from None


def inside(settings: Settings, size: Size) -> Settings:
    """The settings of one replica: it has room for all that Ray lets in, which would wait for another one."""
    let_in = settings.rows + settings.queue_length
    return replace(
        settings,
        threads=settings.threads or size.cores,
        queue_length=let_in,
        max_requests=let_in + settings.max_requests,
    )


def why(error: RuntimeError) -> str:
    """Why the replicas do not start: the first reason of their own, Ray's report where there is none."""
    told = serve.status().applications.get(NAME)
    reports = [str(error), *(each.message for each in (told.deployments.values() if told else ()))]
    found = next(filter(None, map(REASON.search, reports)), None)
    return found[1] if found else f"The kitchens do not open. Ray reports: {reports}"


def share(most: int, machines: Sequence[Mapping[str, float]]) -> int:
    """Cores of one replica where nobody says: as many as there are for each, on machines that have them.

    Args:
        most: replicas at the most; where there are GPUs, no more than those.
        machines: what each has, as Ray counts it.
    """
    with_gpus = [each for each in machines if each.get("GPU")]
    gpus = int(sum(each["GPU"] for each in with_gpus))
    cores = [int(each["CPU"]) for each in with_gpus or machines if each.get("CPU")]
    replicas = min(most, gpus) if gpus else most
    return max(1, min(sum(cores) // replicas, *cores, threads.MOST))


def crowded(size: Size, resources: Mapping[str, float]) -> str | None:
    """Why the least number of replicas does not fit beside each other, None where it does."""
    room = int(resources.get("CPU", 0)) // (size.cores or 1)
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
    each: dict[str, float] = {"num_cpus": size.cores or 1}
    if resources.get("GPU"):
        each["num_gpus"] = 1
    return {
        "ray_actor_options": each,
        "max_ongoing_requests": settings.rows + settings.queue_length,
        "max_queued_requests": settings.max_requests,
        "backpressure_config": {"status_code": 429, "retry_after_s": settings.retry_after_s},
        "health_check_period_s": 2,
        "graceful_shutdown_timeout_s": settings.grace_s + listen.LAST_WORDS_S,
        "autoscaling_config": {
            "min_replicas": size.least,
            "max_replicas": size.most,
            # Another replica once the rows of those that are here are taken, on average.
            "target_ongoing_requests": settings.rows,
            "upscale_delay_s": size.open_after_s,
            "downscale_delay_s": size.close_after_s,
            "look_back_period_s": size.open_after_s,
            "metrics_interval_s": min(10.0, size.open_after_s / 2),
        },
    }


def stop(address: str | None) -> None:
    """End the replicas, and all of Ray where it was started here; elsewhere others may use it, too."""
    if not ray.is_initialized():
        return  # it did not come so far, and asking Serve would start Ray
    if address is None:
        serve.shutdown()
    elif NAME in serve.status().applications:
        serve.delete(NAME)
    ray.shutdown()
