"""The commands and sysctls of the IPVS at hand, as player.py gives them: the kernel's own, or Fairlead's."""
import json, os, re, subprocess


def write(path, value):
    with open(path, "w") as file:
        file.write(value)


def run_anywhere():
    os.sched_setaffinity(0, range(os.cpu_count()))


def end(process):
    """Ends a program that reads commands until there are no more, or after a while by force."""
    if not process:
        return
    process.stdin.close()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class KernelTools:
    """ipvsadm and the sysctls of the kernel's IPVS.

    Starting a program is the most expensive thing in the guest, so one `ipvsadm -R` carries out the commands of a
    scenario, line by line as they come. It prints what each would have printed; that a command has ended is seen
    by the answer to another. What makes -R itself end, a mistake in a command line, takes a new one.
    """

    marker = "Timeout (tcp tcpfin udp):"
    reusable = False
    tick_seconds = 0.02  # two ticks of its clock: an entry that makes way for a new connection ends with the next one
    process = None

    def start(self):
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(["stdbuf", "-oL", "ipvsadm", "-R"], stdin=pipe, stdout=pipe, stderr=pipe, text=True)
        os.set_blocking(self.process.stderr.fileno(), False)

    def errors(self):
        try:
            return os.read(self.process.stderr.fileno(), 65536).decode()
        except BlockingIOError:
            return ""

    def run(self, words):
        """Lists again where a listing is out of step. The kernel's tables are shared by all namespaces: what another one
        adds or drops between two reads makes a list skip or repeat some of ours. Connections are listed until two
        listings agree, services until each is there once."""
        answer = self.once(words)
        for _ in range(5):
            if "-Lcn" in words:
                before, answer = answer, self.once(words)
                if self.entries(before) == self.entries(answer):
                    break
            elif self.repeats_a_service(answer):
                answer = self.once(words)
            else:
                break
        return answer

    @staticmethod
    def repeats_a_service(answer):
        names = re.findall(r"^(?:TCP|UDP|SCTP|FWM) +\S+(?: IPv6)?", answer["stdout"], re.MULTILINE)
        return len(set(names)) < len(names)

    @staticmethod
    def entries(answer):
        return sorted(re.sub(r" \d+:\d\d ", " ", line) for line in answer["stdout"].split("\n"))

    def once(self, words):
        marks = 2 if "--timeout" in words else 1
        self.process.stdin.write(" ".join(words) + "\n-L --timeout\n")
        self.process.stdin.flush()
        lines = []
        while marks > 0:
            line = self.process.stdout.readline()
            if line == "":
                return self.ended(lines)
            marks -= line.startswith(self.marker)
            lines.append(line)
        stderr = self.errors()
        return {"code": 1 if stderr else 0, "stdout": "".join(lines[:-1]), "stderr": stderr}

    def ended(self, lines):
        code = self.process.wait()
        answer = {"code": code, "stdout": "".join(lines), "stderr": self.errors()}
        self.start()
        return answer

    def sysctl(self, name, value):
        try:
            write(f"/proc/sys/net/ipv4/vs/{name}", value)
            return {"code": 0, "stdout": "", "stderr": ""}
        except OSError as error:
            return {"code": 1, "stdout": "", "stderr": error.strerror}

    def mark(self, step):
        done = subprocess.run(step["netfilter"], capture_output=True, text=True)
        return {"code": done.returncode, "stdout": done.stdout, "stderr": done.stderr}

    def stop(self):
        end(self.process)
        self.process = None


class FairleadTools:
    """Fairlead's commands, in one Node process per director (tools.mjs). Starting the director is what takes time."""

    reusable = True
    tick_seconds = 0
    process = None

    def __init__(self, node, tools, house):
        self.argv = [node, tools, house]

    def start(self):
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(self.argv, stdin=pipe, stdout=pipe, text=True, preexec_fn=run_anywhere)
        self.run(["-Ln"])  # brings the director up, before time counts

    def ask(self, program, words):
        self.process.stdin.write(json.dumps({"program": program, "words": words}) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def run(self, words):
        return self.ask("ipvsadm", words)

    def sysctl(self, name, value):
        return self.ask("fairlead", ["sysctl", "-w", f"{name}={value}"])

    def mark(self, step):
        return self.ask("fairlead", step["fairlead"])

    def stop(self):
        try:
            if self.process:
                self.ask("fairlead", ["unload"])
        finally:
            end(self.process)
            self.process = None
