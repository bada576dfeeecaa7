"""The controls: what tests ask of the platform and make happen on it."""

from simulator.control import channels, levers, people
from simulator.control.blueprint import control

__all__ = ["channels", "control", "levers", "people"]
