import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { flags } from './options.ts';

const directory = fileURLToPath(new URL('../../packaging/completions', import.meta.url));
const run = promisify(execFile);

/** What bash offers for a line of words, the last of them begun. */
async function bashOffers(...words: readonly string[]): Promise<readonly string[]> {
  const [program = '', ...rest] = words;
  const script = `
    ipvsadm() { printf -- '-A -t 10.0.0.1:80 -s rr\\n-a -t 10.0.0.1:80 -r 10.0.0.11:80 -g -w 1\\n'; }
    fairlead() { printf 'conn_reuse_mode = 1\\n'; }
    source "$1"; shift
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
    _"$1" "$1" "\${COMP_WORDS[COMP_CWORD]}" "\${COMP_WORDS[COMP_CWORD - 1]}"
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout } = await run('bash', [
    '-c',
    script,
    'bash',
    `${directory}/${program}.bash`,
    program,
    ...rest,
  ]);
  return stdout.split('\n').filter((word) => word !== '');
}

/** Whether an interactive zsh writes a word when TAB is pressed behind a line; else all that it writes. */
async function zshCompletes(line: string, word: string): Promise<string> {
  const script = `
    zmodload zsh/zpty
    zpty shell zsh -f -i
    zpty -w shell "PS1=; fpath=($1 \\$fpath); autoload -Uz compinit; compinit -u -D; echo READY"
    while zpty -r shell text; do [[ $text == *READY$'\\r\\n' ]] && break; done
    zpty -w -n shell "$2"$'\\t'
    integer end=$((SECONDS + 10))
    while [[ $all != *$3* ]] && ((SECONDS < end)); do
      zpty -r -t shell text && all+=$text || sleep 0.02
    done
    zpty -d shell
    [[ $all == *$3* ]] && print -r -- $3 || print -r -- \${(V)all}`;
  const { stdout } = await run('zsh', ['-c', script, 'zsh', directory, line, word], { timeout: 30_000 });
  return stdout.trim();
}

describe('bash completes', () => {
  it.each([
    [['ipvsadm', '--start-d'], ['--start-daemon']],
    [['ipvsadm', '--start-daemon', 'm'], ['master']],
    [
      ['ipvsadm', '-A', '-t', '10.0.0.100:80', '-s', 'lb'],
      ['lblc', 'lblcr'],
    ],
    [['ipvsadm', '-e', '-t', '10.'], ['10.0.0.1:80']],
    [['ipvsadm', '-d', '-t', '10.0.0.1:80', '-r', ''], ['10.0.0.11:80']],
    [['ipvsadm', '-L', '--th'], ['--thresholds']],
    [['ipvsadm', '-C', ''], []],
    [['fairlead', 'st'], ['status']],
    [['fairlead', 'interface', 'eth0', 'x'], ['xdp']],
    [['fairlead', 'plan', '--c'], ['--commands']],
    [['fairlead', 'apply', `${directory}/ipv`], [`${directory}/ipvsadm.bash`]],
    [
      ['fairlead', 'mark', 'add', '7', '--so'],
      ['--source', '--source-ports'],
    ],
    [['fairlead', 'realserver', 'join', '--arp', 'n'], ['nftables']],
    [['fairlead', 'realserver', 'push', '--vip', '192.0.2.100', '--le'], ['--leave']],
    [['fairlead', 'sysctl', 'conn'], ['conn_reuse_mode']],
    [['fairlead', 'sysctl', '-w', 'conn'], ['conn_reuse_mode=1']],
  ])('%j', async (words, offered) => {
    expect(await bashOffers(...words)).toEqual(offered);
  });

  it('every flag of ipvsadm somewhere', async () => {
    const begun = ['', '-A', '-a', '-L', '--start-daemon=master'];
    const lines = begun.map((command) => (command === '' ? ['ipvsadm', ''] : ['ipvsadm', command, '-']));
    const offered = new Set((await Promise.all(lines.map((line) => bashOffers(...line)))).flat());
    const words = flags.flatMap(({ long, short }) => [
      `--${long}`,
      ...(short === undefined ? [] : [`-${short}`]),
    ]);
    expect(words.filter((word) => !offered.has(word))).toEqual([]);
  });
});

describe('zsh completes', { timeout: 60_000 }, () => {
  it.for([
    ['ipvsadm --start-d', '--start-daemon'],
    ['ipvsadm --start-daemon ma', 'master'],
    ['ipvsadm -A -s sh -b mh-f', 'mh-fallback'],
    ['ipvsadm -a -t 10.0.0.1:80 --tun-type gr', 'gre'],
    ['ipvsadm -Ln --thr', '--thresholds'],
    ['fairlead interface eth9 x', 'xdp'],
    ['fairlead realserver join --arp n', 'nftables'],
    ['fairlead realserver push --le', '--leave'],
  ] as const)('%s to %s', async ([line, word], context) => {
    context.skip(!existsSync('/usr/bin/zsh') && !existsSync('/bin/zsh'), 'needs zsh');
    expect(await zshCompletes(line, word)).toBe(word);
  });
});
