"""The TLS port: it ends TLS and passes the bytes on to the plain port of the same process."""

import asyncio
import socket
import ssl
import threading
from pathlib import Path

from simulator.settings import Settings

CHUNK = 64 * 1024


def open_door(settings: Settings, certificate: Path, key: Path, inside: tuple[str, int]) -> None:
    """Listen on the TLS port, in a thread of its own, until the process ends."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    listener = (
        socket.socket(fileno=settings.tls_fd)
        if settings.tls_fd is not None
        else socket.create_server((settings.host, settings.tls_port or 0))
    )
    threading.Thread(
        target=lambda: asyncio.run(_serve(listener, context, inside)), daemon=True, name="tls"
    ).start()


async def _serve(listener: socket.socket, context: ssl.SSLContext, inside: tuple[str, int]) -> None:
    async def visitor(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection(*inside[:2])
            await asyncio.gather(_pass_on(reader, back), _pass_on(there, writer))
        except OSError:
            writer.close()

    server = await asyncio.start_server(visitor, sock=listener, ssl=context)
    await server.serve_forever()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while chunk := await reader.read(CHUNK):
            writer.write(chunk)
            await writer.drain()
    finally:
        writer.close()
