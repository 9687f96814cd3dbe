"""Plays scenarios against the IPVS at hand: the kernel's own, or Fairlead. The same program on both sides.

    player.py DIRECTORY WORKERS kernel
    player.py DIRECTORY WORKERS fairlead NODE TOOLS HOUSE

A job is a file DIRECTORY/N.job of JSON (plan.ts); its answer becomes DIRECTORY/N.done. Each job gets a director
in a fresh network namespace. A worker's own namespace is the wire: it holds the other ends of the director's
interfaces, where frames are sent and everything that leaves is captured. Names nothing, so that all of it is
gone with the process, however that ends. DIRECTORY/stop ends the program; so do five minutes without a job.
"""
import ctypes, itertools, json, os, subprocess, sys, time, traceback

from tools import FairleadTools, KernelTools, write
from wire import Wire, no_checksum_offload

CLONE_NEWNET = 0x40000000
PR_SET_PDEATHSIG, SIGKILL = 1, 9
IDLE_SECONDS = 300
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


def batch(lines):
    """Runs ip(8) on several lines. Throws when one of them fails."""
    done = subprocess.run(["ip", "-batch", "-"], input="\n".join(lines), capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)


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
