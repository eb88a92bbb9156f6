#!/usr/bin/env python3
"""Drives Thonny's own MicroPython backend, as its window does, without the window: it writes a file to the
board, lists, reads it back, and runs a program. terminal.test.ts runs it, as `thonny_script.py DEVICE`.
It prints one JSON object.
"""

import json
import queue
import subprocess
import sys
import threading

from thonny.common import InlineCommand, ToplevelCommand, parse_message, serialize_message

MARKER = "\x02"
PATIENCE = 30


class Backend:
    def __init__(self, device):
        args = {
            "port": device,
            "clean": True,
            "interrupt_on_connect": True,
            "sync_time": False,
            "local_rtc": True,
            "validate_time": False,
            "dtr": None,
            "rts": None,
            "cwd": "/",
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "thonny.plugins.esp.esp_back", repr(args)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        self.messages = queue.Queue()
        self.printed = ""
        threading.Thread(target=self._listen, daemon=True).start()
        self.next = 1

    def _listen(self):
        for line in self.process.stdout:
            if line.startswith(MARKER):
                for _ in range(int(line[1 : line.index(" ")]) - 1):
                    line += self.process.stdout.readline()
                self.messages.put(parse_message(line))
        self.messages.put(None)

    def until(self, wanted):
        while True:
            message = self.messages.get(timeout=PATIENCE)
            if message is None:
                raise SystemExit("Thonny's backend ended: %r" % self.printed[-800:])
            if message.event_type == "ProgramOutput":
                self.printed += message.data
            if wanted(message):
                return message

    def ready(self):
        return self.until(lambda m: m.event_type == "ToplevelResponse")

    def ask(self, name, **more):
        number, self.next = self.next, self.next + 1
        self.say(InlineCommand(name, id=number, **more))
        answer = self.until(lambda m: m.get("command_id") == number and "Response" in m.sequence)
        if answer.get("error"):
            raise SystemExit("%s: %s" % (name, answer["error"]))
        return answer

    def run(self, source):
        self.printed = ""
        self.say(ToplevelCommand("Run", argv=["<editor>"], source=source, args=[]))
        self.ready()
        return self.printed

    def say(self, command):
        self.process.stdin.write(serialize_message(command) + "\n")
        self.process.stdin.flush()


def main():
    backend = Backend(sys.argv[1])
    welcome = backend.ready()
    content = bytes(range(256)) * 20
    backend.ask(
        "write_file", path="/data.bin", content_bytes=content, editor_id=1, blocks_ui=True, make_shebang_scripts_executable=False
    )
    listing = backend.ask("get_dirs_children_info", node_id="", paths=["/"], include_hidden=True)
    entry = listing["data"]["/"]["data.bin"]
    read = backend.ask("read_file", path="/data.bin")
    printed = backend.run("print('sum', sum(range(10)))\nimport sys\nprint(sys.platform)\n")
    failed = backend.run("def f():\n    return 1 // 0\nf()\n")
    backend.process.stdin.close()
    backend.process.terminate()
    print(
        json.dumps(
            {
                "welcome": welcome.get("welcome_text", ""),
                "size": entry["size"],
                "same": read["content_bytes"] == content,
                "printed": printed,
                "failed": failed,
            }
        )
    )


main()
