#!/usr/bin/env python3
"""Asks the real ipvsadm again: reads a golden file and prints it with fresh answers.

Run it as root on a throw-away machine whose kernel has IPVS, in the golden environment, through record.sh:
    bash test/golden/record.sh test/golden/grammar.jsonl > fresh.jsonl
"""
import json, subprocess, sys

files = {"@hosts": "/etc/hosts", "@nsswitch": "/etc/nsswitch.conf"}

for line in open(sys.argv[1]):
    step = json.loads(line)
    stdin = step.get("stdin", "")
    if step["cmd"] in files:
        open(files[step["cmd"]], "w").write(stdin)
        answer = {"stdout": "", "stderr": "", "code": 0}
    else:
        done = subprocess.run(["bash", "-c", step["cmd"]], input=stdin, capture_output=True, text=True)
        answer = {"stdout": done.stdout, "stderr": done.stderr, "code": done.returncode}
    print(json.dumps(step | answer), flush=True)
