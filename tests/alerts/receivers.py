"""Who hears alerts in the tests: a mail server and a web server that remember what came, and may refuse or stall."""

import json
import socketserver
import threading
import time
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Heard:
    """One request that came."""

    path: str
    headers: dict[str, str]
    body: str

    @property
    def data(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receiver:
    """A web server: answers `status` after `seconds`, with `location` as a redirect."""

    heard: list[Heard] = field(default_factory=list)
    status: int = 200
    seconds: float = 0.0
    location: str = ""
    answer: bytes = b"ok"

    def __post_init__(self) -> None:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.heard.append(Heard(self.path, headers, body))
                time.sleep(receiver.seconds)
                self.send_response(receiver.status)
                if receiver.location:
                    self.send_header("Location", receiver.location)
                self.send_header("Content-Length", str(len(receiver.answer)))
                self.end_headers()
                self.wfile.write(receiver.answer)

            def log_message(self, *_: Any) -> None:
                """Silent."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@dataclass
class MailServer:
    """An SMTP server that takes mails, or refuses them all."""

    refuses: bool = False
    mails: list[tuple[list[str], Message]] = field(default_factory=list)

    def __post_init__(self) -> None:
        keeper = self

        class Handler(socketserver.StreamRequestHandler):
            def say(self, text: str) -> None:
                self.wfile.write(f"{text}\r\n".encode())

            def handle(self) -> None:
                self.say("220 here")
                to: list[str] = []
                while line := self.rfile.readline():
                    word = line.strip().decode().upper()
                    if word.startswith(("EHLO", "HELO")):
                        self.say("250 here")
                    elif word.startswith("MAIL") and keeper.refuses:
                        self.say("451 not now")
                    elif word.startswith("RCPT"):
                        to.append(line.decode().partition("<")[2].partition(">")[0])
                        self.say("250 ok")
                    elif word == "DATA":
                        self.say("354 go on")
                        keeper.mails.append((to, message_from_bytes(self.read())))
                        self.say("250 taken")
                    elif word == "QUIT":
                        self.say("221 bye")
                        return
                    else:
                        self.say("250 ok")

            def read(self) -> bytes:
                lines = []
                while (line := self.rfile.readline()) != b".\r\n":
                    lines.append(line[1:] if line.startswith(b"..") else line)
                return b"".join(lines)

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.port = int(self.server.server_address[1])

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def to(self, address: str) -> list[Message]:
        return [mail for to, mail in self.mails if address in to]


def text_of(mail: Message) -> str:
    """The text of a mail."""
    body = mail.get_payload(decode=True)
    assert isinstance(body, bytes)
    return body.decode().replace("\r\n", "\n")
