"""What is counted, for Prometheus; right with any number of processes on this machine.

Processes that are told a folder by PROMETHEUS_MULTIPROC_DIR add up their figures there
(`musubi web` and `musubi worker` set it).
"""

import os
from collections.abc import Callable, Iterable

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
    multiprocess,
)
from prometheus_client.core import REGISTRY, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

events = Counter("musubi_webhook_events", "Events taken in from LINE", ["kind", "news"])
refused = Counter("musubi_webhook_refused", "Webhooks turned away", ["why"])
worked = Counter("musubi_work", "Rows of work dealt with", ["kind"])
broken = Counter("musubi_work_broken", "Times that a kind of work raised", ["kind"])
asked = Counter("musubi_line_calls", "Calls to LINE", ["verb", "outcome"])
answered = Histogram("musubi_line_seconds", "How long LINE took to answer", ["verb"])

Gauges = Callable[[], Iterable[tuple[str, str, float]]]
"""Name, label `kind`, value; asked at each scrape."""


class _Now(Collector):
    def __init__(self, gauges: Gauges) -> None:
        self._gauges = gauges

    def collect(self) -> Iterable[Metric]:
        families: dict[str, GaugeMetricFamily] = {}
        for name, kind, value in self._gauges():
            family = families.setdefault(name, GaugeMetricFamily(name, name, labels=["kind"]))
            family.add_metric([kind], value)
        return families.values()


def exposition(gauges: Gauges) -> bytes:
    """The page that Prometheus reads."""
    registry = CollectorRegistry()
    registry.register(_Now(gauges))
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)
    return generate_latest(registry) + generate_latest(REGISTRY)
