"""Every one of the conditions in a list holds."""

from segments.condition import All, Condition
from segments.kind import Example, Given, Kind, Person, named
from segments.listing import parts_of


def parse(given: Given) -> Condition:
    return All(parts_of(given))


KIND = Kind(
    name="all",
    fits=named("all"),
    parse=parse,
    examples=(
        Example(
            {"all": [{"linked": True}, {"member.rank": "gold"}]},
            fits=Person(member={"rank": "gold"}),
            not_fits=Person(member={"rank": "regular"}),
        ),
    ),
)
