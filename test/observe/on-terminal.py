"""Runs a program on a terminal of its own: on-terminal.py STEPS WORD...

STEPS is a JSON list, carried out one after the other: {"wait": TEXT} until the screen shows it, {"match": PATTERN} until a
line of it fits, {"gone": TEXT} until it no longer has it, {"send": KEYS}, {"resize": [ROWS, COLUMNS]}, {"signal": NAME}, {"exit": true} until the program has ended.
Prints JSON: what each step saw on the screen, the exit status, all output, and whether the terminal's settings are again
what they were.
"""

import fcntl
import json
import os
import re
import select
import signal
import struct
import sys
import termios
import time

LIMIT = 30  # seconds that a step may take


def resize(fd, rows, columns):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def screen(output):
    """The last whole screen, or what came when there was none."""
    frames = re.findall(r"\x1b\[H(.*?)\x1b\[J", output, re.S)
    text = frames[-1] if frames else output
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text).replace("\r", "")


def main():
    steps, words = json.loads(sys.argv[1]), sys.argv[2:]
    master, slave = os.openpty()
    resize(master, 24, 80)
    settings = termios.tcgetattr(slave)
    pid = os.fork()
    if pid == 0:
        os.close(master)
        take(slave)
        os.execvp(words[0], words)
    output, seen, status = "", [], None

    def read(seconds):
        nonlocal output, status
        if select.select([master], [], [], seconds)[0]:
            output += os.read(master, 65536).decode("utf-8", "replace")
        if status is None:
            ended, code = os.waitpid(pid, os.WNOHANG)
            status = code if ended else None

    def until(what):
        end = time.monotonic() + LIMIT
        while not what():
            if time.monotonic() > end:
                return False
            read(0.05)
        return True

    for step in steps:
        if "wait" in step:
            done = until(lambda: step["wait"] in screen(output))
        elif "match" in step:
            done = until(lambda: re.search(step["match"], screen(output), re.M))
        elif "gone" in step:
            done = until(lambda: step["gone"] not in screen(output))
        elif "exit" in step:
            done = until(lambda: status is not None)
        else:
            done = True
            if "send" in step:
                os.write(master, step["send"].encode())
            elif "resize" in step:
                resize(master, *step["resize"])
            elif "signal" in step:
                os.kill(pid, getattr(signal, step["signal"]))
        seen.append({"step": step, "done": bool(done), "screen": screen(output)})
        if not done:
            break
    if status is None:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    while select.select([master], [], [], 0.1)[0]:
        output += os.read(master, 65536).decode("utf-8", "replace")
    code = None if status is None else os.waitstatus_to_exitcode(status)
    restored = termios.tcgetattr(slave) == settings
    print(json.dumps({"seen": seen, "code": code, "output": output, "restored": restored}))


def take(slave):
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for fd in (0, 1, 2):
        os.dup2(slave, fd)


main()
