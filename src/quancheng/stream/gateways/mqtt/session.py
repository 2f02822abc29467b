"""One connection of a device: reads packets, passes messages on, answers when they are kept."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from typing import TYPE_CHECKING, cast

from quancheng.stream.envelope import Received
from quancheng.stream.gateways.grants import Grant
from quancheng.stream.gateways.mqtt.codec import Decoder
from quancheng.stream.gateways.mqtt.limits import Bucket, Meter
from quancheng.stream.gateways.mqtt.packets import (
    ACCEPTED,
    REFUSED,
    WRONG_PROTOCOL,
    Connack,
    Connect,
    Disconnect,
    Packet,
    Pingreq,
    Pingresp,
    ProtocolError,
    Publish,
    Suback,
    Subscribe,
    Unsuback,
    Unsubscribe,
    Violation,
    Will,
    encode,
    puback,
)
from quancheng.stream.gateways.mqtt.topics import covers, form_of, may_subscribe, points_in

if TYPE_CHECKING:
    from quancheng.stream.gateways.mqtt.server import Gateway

#: A CONNECT, its will included, before we know who it is.
CONNECT_BYTES = 16 * 1024
#: Beside the body: topic, packet identifier.
_HEAD_BYTES = 1024
_MOST_WISHES = 32
#: Packets that are no messages (pings, subscriptions): a second in the long run, and at once. More is no device.
_TALK_PER_S = 20.0
_TALK_BURST = 200.0
_MOST_ROUTES = 512
#: A closed connection whose peer does not read the last bytes is cut after this.
_LINGER_S = 5.0

# Why a message is not kept.
BAD_TOPIC = "topic"
BAD_FORM = "form"
TOO_LARGE = "too_large"
NOT_KEPT = "not_kept"


def _fault(grant: Grant, form: str | None, size: int) -> str:
    """Why a message cannot be kept, or nothing."""
    if form is None:
        return BAD_TOPIC
    if form not in grant.forms:
        return BAD_FORM
    return TOO_LARGE if size > grant.most_bytes else ""


class Session(asyncio.Protocol):
    """The server's side of one connection.

    Messages wait in ``_queue`` only while they may not be taken; the socket is not read meanwhile, so that the queue is
    never longer than what one read brought. What was taken waits in ``_flight`` for its answer: PUBACKs leave in the
    order of the PUBLISHes (4.6). QoS 0 is kept in the same way, but nobody waits for it.

    No state outlives the connection, whatever CONNECT wishes: CONNACK always says that no session was present, and a
    device subscribes again. RETAIN changes nothing; nobody subscribes to what devices publish.
    """

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._loop = asyncio.get_running_loop()
        self._decoder = Decoder(CONNECT_BYTES)
        self._queue: deque[Packet | ProtocolError] = deque()
        #: Packet identifier (0: QoS 0), the answer (``None``: nothing to wait for), size.
        self._flight: deque[tuple[int, asyncio.Future[None] | None, int]] = deque()
        self._flight_bytes = 0
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._is_reading = True
        self._may_write = True
        self._is_closing = False
        self._is_working = False
        #: Waits until the gateway as a whole has room.
        self.waits_for_room = False
        #: Common name of the certificate that the device showed, where TLS asked for one.
        self.certified_name: str | None = None
        self.grant: Grant | None = None
        self.client_id = ""
        #: When it signed in.
        self.since_ms = 0
        self._meter: Meter | None = None
        self._talk = Bucket(_TALK_PER_S, _TALK_BURST, self._loop.time())
        self._routes: dict[str, str | None] = {}
        self._wishes: list[str] = []
        self._will: Will | None = None
        #: By the loop's clock: when it is cut unless something is heard.
        self._patience_s = gateway.terms.connect_s
        self._heard_at = self._loop.time()

    # --- what asyncio calls ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        certificate = transport.get_extra_info("peercert")
        if certificate:
            names = [value for part in certificate["subject"] for name, value in part if name == "commonName"]
            self.certified_name = "".join(names)
        self._gateway.opened(self)

    def data_received(self, data: bytes) -> None:
        if self._is_closing:
            return
        if self.grant is not None:
            self._heard_at = self._loop.time()
        try:
            self._queue.extend(self._decoder.feed(data))
        except ProtocolError as trouble:
            self._queue.extend(trouble.packets)
            self._queue.append(trouble)
        self.work()

    def pause_writing(self) -> None:
        self._may_write = False

    def resume_writing(self) -> None:
        self._may_write = True
        self.work()

    def connection_lost(self, exc: Exception | None) -> None:
        self.close("lost")
        self._transport = None
        self._gateway.closed(self)

    # --- what the gateway calls ---

    @property
    def in_flight(self) -> int:
        """Messages that wait for their answer."""
        return len(self._flight)

    def check(self, now: float) -> None:
        """Cut it where no CONNECT came in time (3.1.4), after silence (3.1.2.10), or where it reads no answers."""
        if self._is_closing:
            if now - self._heard_at > _LINGER_S and self._transport is not None:
                self._transport.abort()
            return
        # While we do not listen, silence is not its fault, unless we wait for it to read.
        is_quiet = self._is_reading or not self._may_write
        if is_quiet and now - self._heard_at > self._patience_s:
            self.close("no_connect" if self.grant is None else "keep_alive")
            if self._transport is not None:
                self._transport.abort()

    def renew(self, grant: Grant) -> None:
        """The source stands differently now."""
        if self.grant is not None and self._meter is not None:
            self.grant = grant
            self._decoder.limit = 2 * grant.most_bytes + _HEAD_BYTES
            self._routes.clear()
            self._meter.renew(grant, self._loop.time())

    def close(self, reason: str, *, with_will: bool = True) -> None:
        """End the connection; what is on its way is still counted until it is answered.

        The will is published unless the device said goodbye (3.1.2.5, 3.14.4).
        """
        if self._is_closing:
            return
        self._is_closing = True
        self._heard_at = self._loop.time()
        self._queue.clear()
        if self._timer is not None:
            self._timer.cancel()
        if self._will is not None and self.grant is not None and with_will:
            self._leave_will(self._will, self.grant)
        if reason not in ("goodbye", "lost", "stopped"):
            self._gateway.watch.refused[reason] += 1
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """End it without waiting for a peer that does not read."""
        self.close("stopped", with_will=False)
        if self._transport is not None:
            self._transport.abort()

    def hold(self) -> None:
        """Take nothing more; answers are still sent."""
        self._queue.clear()
        self._read(wanted=False)

    def send(self, topic: str, body: bytes) -> bool:
        """Hand a command to the device at QoS 0; ``False`` where it did not subscribe to it or does not read."""
        if self._is_closing or self._transport is None or not self._may_write:
            return False
        if not any(covers(wish, topic) for wish in self._wishes):
            return False
        self._transport.write(encode(Publish(topic, body)))
        return True

    # --- packets ---

    def work(self) -> None:
        """Take what may be taken, then read on or stop reading."""
        if self._is_working:
            return
        self._is_working = True
        queue = self._queue
        while queue and not self._is_closing:
            packet = queue[0]
            if type(packet) is Publish:
                if not self._take(packet):
                    break
            elif self._talk.take(1, self._loop.time()):
                self.close("talk")
            else:
                self._handle(packet)
            if queue:
                queue.popleft()
        self._is_working = False
        if not self._is_closing and not self._gateway.is_stopping:
            self._read(wanted=not queue)

    def _read(self, *, wanted: bool) -> None:
        if wanted is self._is_reading or self._transport is None:
            return
        self._is_reading = wanted
        if wanted:
            self._heard_at = self._loop.time()
            self._transport.resume_reading()
        else:
            self._transport.pause_reading()

    def _write(self, packet: Packet) -> None:
        if self._transport is not None:
            self._transport.write(encode(packet))

    def _handle(self, packet: Packet | ProtocolError) -> None:
        if isinstance(packet, ProtocolError):
            self._broke(packet.violation)
        elif isinstance(packet, Connect):
            self._connect(packet)
        elif self.grant is None:
            self._broke(Violation.ORDER)
        else:
            code = self.grant.code
            match packet:
                case Pingreq():
                    self._write(Pingresp())
                case Subscribe():
                    self._write(
                        Suback(packet.packet_id, tuple(self._subscribe(wish, code) for wish, _qos in packet.wishes))
                    )
                case Unsubscribe():
                    self._wishes = [wish for wish in self._wishes if wish not in packet.filters]
                    self._write(Unsuback(packet.packet_id))
                case Disconnect():
                    # 3.14.4: the will is thrown away.
                    self._will = None
                    self.close("goodbye")
                case _:
                    self._broke(Violation.ORDER)

    def _broke(self, violation: Violation) -> None:
        if violation is Violation.PROTOCOL and self.grant is None:
            self._write(Connack(WRONG_PROTOCOL))
        self.close(violation.value)

    def _connect(self, packet: Connect) -> None:
        if self.grant is not None:
            # 3.1.0-2: a second CONNECT.
            self._broke(Violation.ORDER)
            return
        answer = self._gateway.admit(self, packet)
        if isinstance(answer, int):
            self._write(Connack(answer))
            self.close(f"connack_{answer}")
            return
        self.grant, self.client_id, self._meter = answer
        self._decoder.limit = 2 * self.grant.most_bytes + _HEAD_BYTES
        self._will = packet.will
        # 3.1.2.10; one that wants no keep alive is cut after long silence, which the section allows.
        self._patience_s = packet.keep_alive * 1.5 if packet.keep_alive else self._gateway.terms.idle_s
        self._heard_at = self._loop.time()
        self._write(Connack(ACCEPTED))

    def _subscribe(self, wish: str, code: str) -> int:
        if wish in self._wishes:
            return 0
        if len(self._wishes) >= _MOST_WISHES or not may_subscribe(wish, code):
            return REFUSED
        self._wishes.append(wish)
        return 0

    # --- messages ---

    def _take(self, packet: Publish) -> bool:
        """Pass a message on; ``False``: not now, it stays at the front of the queue."""
        grant, meter, gateway = self.grant, self._meter, self._gateway
        if grant is None or meter is None:
            self._broke(Violation.ORDER)
            return True
        terms = gateway.terms
        if len(self._flight) >= terms.window or self._flight_bytes >= terms.window_bytes or not self._may_write:
            return False
        if not gateway.has_room(self):
            return False
        topic, body = packet.topic, packet.body
        form = self._form(topic, grant.code)
        points = points_in(form or "", body)
        now, wall_s = self._loop.time(), time.time()
        verdict = meter.judge(points, now, wall_s)
        if verdict.wait_s:
            if self._timer is not None:
                self._timer.cancel()
            self._timer = self._loop.call_at(now + verdict.wait_s, self.work)
            return False
        message = Received(grant.source, form or "", topic, int(wall_s * 1000), body)
        reason = verdict.reason or _fault(grant, form, len(body))
        if reason:
            gateway.put_aside(message, reason)
            self._flight.append((packet.packet_id, None, 0))
            if len(self._flight) == 1:
                self._answer()
            return True
        size = len(body) + len(topic)
        kept = gateway.publish(grant, message, points)
        self._flight.append((packet.packet_id, kept, size))
        self._flight_bytes += size
        gateway.took(size)
        kept.add_done_callback(self._answer)
        return True

    def _form(self, topic: str, code: str) -> str | None:
        try:
            return self._routes[topic]
        except KeyError:
            if len(self._routes) >= _MOST_ROUTES:
                self._routes.clear()
            form = self._routes[topic] = form_of(topic, code)
            return form

    def _answer(self, _kept: asyncio.Future[None] | None = None) -> None:
        """Send the PUBACKs that are due, in order.

        A message that was put aside is acknowledged as well: the device would repeat it for ever, and a repetition
        would fare no better. One that the stream did not take is not; the connection ends, so that the device sends
        it and all after it again (4.4).
        """
        flight, freed, failed = self._flight, 0, 0
        answers = []
        while flight:
            packet_id, kept, size = flight[0]
            if kept is not None:
                if not kept.done():
                    break
                if kept.cancelled() or kept.exception() is not None:
                    failed += 1
                freed += size
            flight.popleft()
            if packet_id and not failed:
                answers.append(puback(packet_id))
        if answers and self._transport is not None and not self._is_closing:
            self._transport.write(b"".join(answers))
        if failed:
            self._failed(failed)
        if freed:
            self._flight_bytes -= freed
            self._gateway.answered(freed)
        if self._queue:
            self.work()

    def _failed(self, count: int) -> None:
        if self.grant is not None:
            self._gateway.watch.rejected(self.grant.source, NOT_KEPT, count)
        self.close(NOT_KEPT)

    def _leave_will(self, will: Will, grant: Grant) -> None:
        """3.1.2.5; it is tried once: later it would stand behind what the device says when it is back."""
        form = form_of(will.topic, grant.code)
        message = Received(grant.source, form or "", will.topic, int(time.time() * 1000), will.body)
        reason = _fault(grant, form, len(will.body))
        if reason:
            self._gateway.put_aside(message, reason)
            return
        kept = self._gateway.publish(grant, message, points_in(message.form, message.body))
        # Its answer is waited for, and a failure counted, like that of any message at QoS 0.
        self._flight.append((0, kept, 0))
        kept.add_done_callback(self._answer)
