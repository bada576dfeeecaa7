"""Internet addresses as those who ask us are counted by them."""

import ipaddress


def household(typed: str) -> str:
    """An IPv6 address stands for its /64: one household has 2**64 of them to change through.
    What is no address stands for itself."""
    try:
        found = ipaddress.ip_address(typed.partition("%")[0])
    except ValueError:
        return typed
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    if mapped or found.version == 4:
        return str(mapped or found)
    return str(ipaddress.ip_network((found, 64), strict=False))
