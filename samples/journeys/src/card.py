"""A card reader that is a program: a driver for `card` with the card of docs/reference (applet F0 GUICHET 0001).

card.py STATE: a card is in it while the file STATE says `present`.
card.py --reader PORT: the card alone, in the virtual reader (vpcd) at that port, until this program ends.
"""

import base64
import json
import socket
import struct
import sys
import time

APPLET = b"\xf0GUICHET\x00\x01"
FILES = {b"\x01\x01": "王小明".encode(), b"\x01\x02": b"11010519491231002X", b"\x01\x03": b"2099-12-31"}
DONE = b"\x90\x00"
ATR = bytes((0x3b, 0x80, 0x80, 0x01, 0x01))


class Card:
    def __init__(self):
        self.selected, self.file = False, None

    def perform(self, command):
        ins, p1, data = command[1], command[2], command[5:5 + command[4]] if len(command) > 5 else b""
        if ins == 0xA4 and p1 == 0x04:
            self.selected = data == APPLET
            return b"\x6f\x0c\x84\x0a" + APPLET + DONE if self.selected else b"\x6a\x82"
        if not self.selected:
            return b"\x69\x86"
        if ins == 0xA4:
            self.file = FILES.get(data)
            return DONE if self.file else b"\x6a\x82"
        if ins == 0xB0 and self.file:
            return self.file + DONE
        return b"\x6d\x00"


def in_a_virtual_reader(port):
    """Messages of vpcd have their length in two bytes before them; one of a single byte is about power."""
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port)) as reader:
                serve(reader)
        except OSError:
            pass  # The daemon is not there, or not yet.
        time.sleep(0.05)


def serve(reader):
    card, lines = Card(), reader.makefile("rb")
    while len(head := lines.read(2)) == 2:
        message = lines.read(struct.unpack(">H", head)[0])
        if len(message) == 1 and message[0] <= 2:
            card = Card()
            continue
        answer = ATR if message == b"\x04" else card.perform(message)
        reader.sendall(struct.pack(">H", len(answer)) + answer)


def present():
    with open(sys.argv[1]) as state:
        return state.read().strip() == "present"


def refuse(kind):
    return {"refusal": {"class": kind, "what": kind}}


def answer(cards, call, arguments):
    if call == "card.readers":
        return {"ok": [{"name": "Counter", "slot": "present" if present() else "empty"}]}
    if call == "card.connect":
        if not present():
            return refuse("no-card")
        cards[len(cards) + 1] = Card()
        return {"ok": len(cards)}
    if call == "card.transmit":
        if not present():
            return refuse("removed")
        response = cards[arguments[0]].perform(base64.b64decode(arguments[1]["$bytes"]))
        return {"ok": {"$bytes": base64.b64encode(response).decode()}}
    return {"ok": None} if call == "card.disconnect" else refuse("refused")


if sys.argv[1] == "--reader":
    in_a_virtual_reader(int(sys.argv[2]))

host, cards = socket.socket(fileno=0), {}
lines = host.makefile("rw", encoding="utf-8", newline="\n")
print(json.dumps({"guichet-driver": 1, "name": "counter", "parts": ["card"]}), file=lines, flush=True)
for line in lines:
    question = json.loads(line)
    print(json.dumps({"id": question["id"], **answer(cards, question["call"], question["arguments"])}), file=lines, flush=True)
