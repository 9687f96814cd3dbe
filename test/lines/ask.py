"""In the guest (src/compare/guest-init.sh): asks the real ipvsadm about each line of DIRECTORY/questions, in order.

A question is a line of JSON with `argv` and perhaps `stdin`; its answer, in DIRECTORY/answers, has `stdout`, `stderr` and
`code`. DIRECTORY/hosts and DIRECTORY/services become /etc/hosts and /etc/services; there is no DNS. Starting a program is
what takes time here, so it is done with as few system calls as will do, and from memory.
"""
import json, os, shutil, subprocess, sys

directory = sys.argv[1]
memory = "/mnt/ask"  # the guest's tmpfs
program = f"{memory}/ipvsadm"
environment = {"LD_LIBRARY_PATH": memory}


def run(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def prepare():
    run("modprobe", "-d", "/mnt", "-a", "dummy", "ip_vs_pe_sip")
    run("ip", "link", "add", "eth0", "type", "dummy")
    for words in ("link set eth0 up", "address add 10.0.0.2/24 dev eth0", "address add 10.0.0.100/32 dev eth0"):
        run("ip", *words.split())
    for name in ("hosts", "services", "resolv.conf"):
        run("mount", "--bind", f"{directory}/{name}", f"/etc/{name}")
    os.mkdir(memory)
    shutil.copy("/sbin/ipvsadm", program)
    for line in run("ldd", "/sbin/ipvsadm").splitlines():
        path = line.split("=>")[-1].split("(")[0].strip()
        if path.startswith("/"):
            shutil.copy(path, memory)


def contents(name):
    with open(f"{memory}/{name}", "rb") as file:
        return file.read().decode(errors="replace")


def ask(question):
    source = "/dev/null"
    if question.get("stdin"):
        source = f"{memory}/stdin"
        with open(source, "wb") as file:
            file.write(question["stdin"].encode())
    fresh = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    files = [(source, os.O_RDONLY), (f"{memory}/stdout", fresh), (f"{memory}/stderr", fresh)]
    actions = [(os.POSIX_SPAWN_OPEN, index, path, flags, 0o600) for index, (path, flags) in enumerate(files)]
    child = os.posix_spawn(program, ["ipvsadm", *question["argv"]], environment, file_actions=actions)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return {"stdout": contents("stdout"), "stderr": contents("stderr"), "code": code}


prepare()
with open(f"{directory}/questions") as questions, open(f"{directory}/answers", "w") as answers:
    for line in questions:
        print(json.dumps(ask(json.loads(line))), file=answers, flush=True)
