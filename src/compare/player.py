"""Plays scenarios against the IPVS at hand: the kernel's own, or Fairlead. The same program on both sides.

    player.py DIRECTORY WORKERS kernel
    player.py DIRECTORY WORKERS fairlead NODE TOOLS HOUSE

A job is a file DIRECTORY/N.job of JSON (plan.ts); its answer becomes DIRECTORY/N.done. Each job gets a director
in a fresh network namespace. A worker's own namespace is the wire: it holds the other ends of the director's
interfaces, where frames are sent and everything that leaves is captured. Names nothing, so that all of it is
gone with the process, however that ends. DIRECTORY/stop ends the program; so do five minutes without a job.
"""
import ctypes, fcntl, itertools, json, os, re, select, socket, struct, subprocess, sys, time, traceback

CLONE_NEWNET = 0x40000000
ETH_P_ALL = 3
PACKET_OUTGOING = 4
SIOCETHTOOL, ETHTOOL_STXCSUM = 0x8946, 0x17
PR_SET_PDEATHSIG, SIGKILL = 1, 9
IDLE_SECONDS = 300
PROBE_SECONDS = 10  # how long a director may take to answer
libc = ctypes.CDLL(None, use_errno=True)


def checked(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def fresh_namespace():
    """Moves this process into a new network namespace; answers a descriptor of it."""
    checked(libc.unshare(CLONE_NEWNET))
    return os.open("/proc/self/ns/net", os.O_RDONLY)


class Inside:
    """`with Inside(there, home)`: this process, and what it starts, in another network namespace."""

    def __init__(self, there, home):
        self.there, self.home = there, home

    def __enter__(self):
        checked(libc.setns(self.there, CLONE_NEWNET))

    def __exit__(self, *_):
        checked(libc.setns(self.home, CLONE_NEWNET))


def keep_to_one_cpu(worker):
    """Each CPU has queues of its own; packets overtake each other only between CPUs."""
    cpus = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cpus[worker % len(cpus)]})


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


def write(path, value):
    with open(path, "w") as file:
        file.write(value)


def batch(lines):
    """Runs ip(8) on several lines. Throws when one of them fails."""
    done = subprocess.run(["ip", "-batch", "-"], input="\n".join(lines), capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)


def no_checksum_offload(interface):
    """Frames that this end sends have their checksums filled in (ethtool -K tx off)."""
    value = ctypes.create_string_buffer(struct.pack("II", ETHTOOL_STXCSUM, 0))
    request = struct.pack("16sP", interface.encode(), ctypes.addressof(value))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as handle:
        fcntl.ioctl(handle, SIOCETHTOOL, request)


class Wire:
    """The other ends of the director's interfaces."""

    def __init__(self, ends):
        self.links = []
        for end in ends:
            link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
            link.bind((end, ETH_P_ALL))
            link.setblocking(False)
            self.links.append(link)

    def exchange(self, interface, frame, probe):
        """Sends a frame; answers what leaves the director until it answers `probe`, which waits behind the frame in
        every queue: [interface, frame]."""
        self.links[interface].send(frame)
        self.links[interface].send(probe)
        frames, answered = [], False
        while not answered:
            if not select.select(self.links, [], [], PROBE_SECONDS)[0]:
                raise TimeoutError("the director does not answer ARP")
            frames += self.received()
            answered = any(frame[:6] == probe[6:12] for _, frame in frames)
        frames += self.received()
        return [[index, frame.hex()] for index, frame in frames if frame[:6] != probe[6:12]]

    def received(self):
        frames = []
        for index, link in enumerate(self.links):
            try:
                while True:
                    frame, address = link.recvfrom(65536)
                    if address[2] != PACKET_OUTGOING:
                        frames.append((index, frame))
            except BlockingIOError:
                continue
        return frames

    def close(self):
        for link in self.links:
            link.close()


class Director:
    """A network namespace with interfaces, addresses and tools. This process is in it while it plays."""

    def __init__(self, home, tools, job, number):
        self.home, self.tools, self.slots, self.wire = home, tools, set(), None
        self.probes = job["probes"]
        ends = [f"w{number}-{index}" for index in range(len(job["probes"]))]
        self.namespace = fresh_namespace()
        try:
            self.build(job, ends)
            with Inside(home, self.namespace):
                batch([f"link set {end} up" for end in ends])
                self.wire = Wire(ends)
            tools.start()
        except BaseException:
            self.close()
            raise
        finally:
            checked(libc.setns(home, CLONE_NEWNET))

    def build(self, job, ends):
        """`WIRE0` in a line stands for the other end of eth0."""
        for path, value in job["sysctls"]:
            write(f"/proc/sys/net/{path}", value)
        text = "\n".join(job["links"])
        for index, end in enumerate(ends):
            text = text.replace(f"WIRE{index}", f"{end} netns /proc/{os.getpid()}/fd/{self.home}")
        batch(text.split("\n"))
        for index in range(len(ends)):
            no_checksum_offload(f"eth{index}")

    def play(self, job):
        with Inside(self.namespace, self.home):
            for step in job["reset"] if self.slots else []:
                self.step(step)
            self.slots.add(job["slot"])
            return {"answers": self.steps(job["steps"], job.get("pace") or itertools.repeat(0))}

    def steps(self, steps, pace):
        start, answers = time.monotonic(), []
        for step, due in zip(steps, pace):
            time.sleep(max(0, start + due - time.monotonic()))
            answers.append({**self.step(step), "at": round(time.monotonic() - start, 3)})
        return answers

    def step(self, step):
        if step["kind"] == "ipvsadm":
            return self.tools.run(step["words"])
        if step["kind"] == "sysctl":
            return self.tools.sysctl(step["name"], step["value"])
        if step["kind"] == "mark":
            return self.tools.mark(step)
        if step["kind"] == "send":
            frame, probe = bytes.fromhex(step["frame"]), bytes.fromhex(self.probes[step["interface"]])
            frames = self.wire.exchange(step["interface"], frame, probe)
            time.sleep(self.tools.tick_seconds)
            return {"frames": frames}
        time.sleep(step["seconds"])
        return {}

    def close(self):
        self.tools.stop()
        os.close(self.namespace)
        if self.wire:
            self.wire.close()


class Player:
    """A director for each job or, where making one is dear, for one job of each slot."""

    def __init__(self, tools):
        self.tools, self.director = tools, None
        self.home = fresh_namespace()
        for scope in ("all", "default"):
            write(f"/proc/sys/net/ipv6/conf/{scope}/disable_ipv6", "1")

    def play(self, job, number):
        if self.director and (job["fresh"] or job["slot"] in self.director.slots):
            self.close()
        if not self.director:
            self.director = Director(self.home, self.tools, job, number)
        try:
            answer = self.director.play(job)
        except BaseException:
            self.close()
            raise
        if job["fresh"] or not self.tools.reusable:
            self.close()
        return answer

    def close(self):
        if self.director:
            director, self.director = self.director, None
            director.close()


def claim(directory, worker):
    """The path of a job that nobody else plays, oldest first."""
    jobs = sorted((name for name in os.listdir(directory) if name.endswith(".job")), key=lambda name: int(name[:-4]))
    for name in jobs:
        mine = f"{directory}/{name}.{worker}"
        try:
            os.rename(f"{directory}/{name}", mine)
            return name[:-4], mine
        except FileNotFoundError:
            continue
    return None


def work(directory, worker, tools):
    keep_to_one_cpu(worker)
    player, idle = Player(tools), time.monotonic()
    while not os.path.exists(f"{directory}/stop") and time.monotonic() - idle < IDLE_SECONDS:
        claimed = claim(directory, worker)
        if not claimed:
            time.sleep(0.03)
            continue
        number, path = claimed
        try:
            with open(path) as file:
                answer = player.play(json.load(file), number)
        except Exception:
            answer = {"error": traceback.format_exc()}
        write(f"{path}.new", json.dumps(answer))
        os.rename(f"{path}.new", f"{directory}/{number}.done")
        os.unlink(path)
        idle = time.monotonic()
    player.close()


def main(directory, workers, kind, *rest):
    libc.prctl(PR_SET_PDEATHSIG, SIGKILL)
    children = []
    for worker in range(int(workers)):
        pid = os.fork()
        if pid == 0:
            libc.prctl(PR_SET_PDEATHSIG, SIGKILL)
            try:
                work(directory, worker, FairleadTools(*rest) if kind == "fairlead" else KernelTools())
            except BaseException:
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        children.append(pid)
    sys.exit(max(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children))


main(*sys.argv[1:])
