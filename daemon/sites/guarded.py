"""Connections that cannot lead inside: each is made to an address that was looked at first.

A name is resolved once, what it resolves to is checked, and the connection is made to that very
address, so that a name server which answers differently the second time (DNS rebinding) is never
asked a second time. The name itself still goes into ``Host`` and the TLS handshake.
"""

import socket
import ssl
from collections.abc import Callable, Iterable, Sequence
from ipaddress import ip_address
from typing import Any, Final, TypeAlias

import httpcore

from connectors.sdk.clock import Clock

Resolve: TypeAlias = Callable[[str, int], Sequence[str]]
_ADDRESSES_TRIED: Final = 3


class ForbiddenAddress(Exception):
    """A name leads to an address that is not asked."""


class OutOfTime(Exception):
    """One website's time is used up."""


class OutOfBytes(Exception):
    """One website has sent more than it may."""


def resolve_host(host: str, port: int) -> Sequence[str]:
    """The IP addresses of a name, by the system's resolver.

    Raises:
        OSError: there are none, or nobody answers.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


class Allowance:
    """What all requests to one website may take together: seconds, and bytes received."""

    def __init__(self, clock: Clock, *, seconds: float, size: int) -> None:
        self._clock = clock
        self._until = clock.monotonic() + seconds
        self._bytes_left = size

    def extend(self, seconds: float) -> None:
        """So long nothing was asked of it."""
        self._until += seconds

    def seconds(self, at_most: float | None = None) -> float:
        """The seconds that are left, ``at_most`` so many.

        Raises:
            OutOfTime: none are.
        """
        left = self._until - self._clock.monotonic()
        if left <= 0:
            raise OutOfTime
        return left if at_most is None else min(left, at_most)

    def take(self, size: int) -> None:
        """So many bytes have come.

        Raises:
            OutOfBytes: they are too many.
        """
        self._bytes_left -= size
        if self._bytes_left < 0:
            raise OutOfBytes


class GuardedStream(httpcore.NetworkStream):
    """A connection whose every step counts against the website's allowance."""

    def __init__(self, stream: httpcore.NetworkStream, allowance: Allowance) -> None:
        self._stream = stream
        self._allowance = allowance

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what is there."""
        data = self._stream.read(max_bytes, self._allowance.seconds(timeout))
        self._allowance.take(len(data))
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send everything."""
        self._stream.write(buffer, self._allowance.seconds(timeout))

    def close(self) -> None:
        """Hang up."""
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """Shake hands."""
        try:
            seconds = self._allowance.seconds(timeout)
        except OutOfTime:
            self.close()
            raise
        inner = self._stream.start_tls(ssl_context, server_hostname, seconds)
        return GuardedStream(inner, self._allowance)

    def get_extra_info(self, info: str) -> Any:
        """What the connection tells of itself."""
        return self._stream.get_extra_info(info)


class GuardedBackend(httpcore.NetworkBackend):
    """Resolves a name once, refuses it for one bad address, and connects to what was checked."""

    def __init__(
        self,
        allowance: Allowance,
        *,
        resolve: Resolve,
        is_allowed: Callable[[str], bool],
        inner: httpcore.NetworkBackend,
    ) -> None:
        self._allowance = allowance
        self._resolve = resolve
        self._is_allowed = is_allowed
        self._inner = inner

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first of the name's addresses that answers.

        Raises:
            ForbiddenAddress: one of them may not be asked; nothing was connected to.
            OutOfTime: the website's time is used up.
            httpcore.ConnectError: the name has no address, or none of them answers.
        """
        for address in self._addresses(host, port):
            seconds = self._allowance.seconds(timeout)
            try:
                stream = self._inner.connect_tcp(
                    address, port, seconds, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
            self._check_peer(stream, address)
            return GuardedStream(stream, self._allowance)
        raise httpcore.ConnectError(f"{host} does not answer")

    def _addresses(self, host: str, port: int) -> Sequence[str]:
        try:
            found = self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"{host} has no address") from error
        # Also where only one of several is bad: such a name is set up to lead inside.
        for address in found:
            if not self._is_allowed(address):
                raise ForbiddenAddress(f"{host} leads to {address}")
        return found[:_ADDRESSES_TRIED]

    def _check_peer(self, stream: httpcore.NetworkStream, address: str) -> None:
        """The other end is really the one that was checked."""
        try:
            peer = stream.get_extra_info("server_addr")
        except OSError as error:  # hung up already
            stream.close()
            raise httpcore.ConnectError(f"{address} hung up") from error
        told = str(peer[0]) if peer else ""
        if told and ip_address(told) == ip_address(address) and self._is_allowed(told):
            return
        stream.close()
        raise ForbiddenAddress(f"connected to {told or 'nobody knows whom'} in place of {address}")
