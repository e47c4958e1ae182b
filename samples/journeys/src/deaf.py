# Stands where a store stood, behind a network that loses everything: whoever connects hears neither yes nor no. The argument is the port.
import signal
import socket
import sys

listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", int(sys.argv[1])))
# One waits in a queue for one, so the kernel drops what all others send.
listener.listen(0)
first = socket.create_connection(listener.getsockname())
second = socket.socket()
second.settimeout(1)
try:
    second.connect(listener.getsockname())
    sys.exit("somebody was let in")
except TimeoutError:
    print("deaf", flush=True)
signal.pause()
