/**
 * What each profile of the set-up needs beyond npm packages, and which Debian package brings it.
 *
 * A need is looked for as a program or a file, not as an installed package: who has the program from
 * elsewhere needs no package. None of these packages starts a service; keep it so. One that would is unpacked
 * beside us instead of being installed.
 */

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';

import { findProgram, root, run } from './run.mjs';

/** @type {Readonly<Record<string, string>>} */
const multiarch = { x64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu', riscv64: 'riscv64-linux-gnu' };

/** Debian's name for this machine's architecture, as in /usr/include/x86_64-linux-gnu. */
export const triplet = multiarch[process.arch] ?? `${process.arch}-linux-gnu`;

const libraryDirectories = [
  `/usr/lib/${triplet}`,
  `/lib/${triplet}`,
  '/usr/local/lib',
  '/usr/lib64',
  '/usr/lib',
];

/**
 * @typedef {object} Need
 * @property {string} name what a person looks for
 * @property {string} debian the Debian package that brings it
 * @property {() => boolean} present
 * @property {string} [unpackedTo] the package is not installed, but unpacked into this directory
 */

/**
 * @param {string} name
 * @param {string} debian
 * @returns {Need}
 */
const program = (name, debian) => ({ name, debian, present: () => findProgram(name) !== undefined });

/**
 * @param {string} name
 * @param {string} debian
 * @returns {Need}
 */
const library = (name, debian) => ({
  name,
  debian,
  present: () => libraryDirectories.some((directory) => existsSync(`${directory}/${name}`)),
});

/**
 * @param {string} name
 * @param {string} debian
 * @returns {Need}
 */
const header = (name, debian) => ({ name, debian, present: () => existsSync(`/usr/include/${name}`) });

/**
 * @param {string} name as Perl says it: `Net::HTTP`
 * @param {string} debian
 * @returns {Need}
 */
const perlModule = (name, debian) => ({
  name,
  debian,
  present: () => {
    const file = `${name.replaceAll('::', '/')}.pm`;
    return perlDirectories().some((directory) => existsSync(join(directory, file)));
  },
});

/** Where Perl looks; none without Perl. */
function perlDirectories() {
  const { stdout } = spawnSync('perl', ['-e', 'print join "\\n", @INC'], { encoding: 'utf8' });
  return (stdout ?? '').split('\n').filter((directory) => directory !== '');
}

/** Its package would start its service. test/interop/ldirectord.ts looks for it in both places. */
const unpackedLdirectord = join(root, '.setup/ldirectord');

/** @type {Need} */
const ldirectord = {
  name: 'ldirectord',
  debian: 'ldirectord',
  unpackedTo: unpackedLdirectord,
  present: () =>
    ['/', unpackedLdirectord].some((directory) => existsSync(join(directory, 'usr/sbin/ldirectord'))),
};

/** Its package would start its service. test/realserver/sshd.ts looks for it in both places. */
const unpackedSshd = join(root, '.setup/openssh-server');

/** @type {Need} */
const sshd = {
  name: 'sshd',
  debian: 'openssh-server',
  unpackedTo: unpackedSshd,
  present: () => ['/', unpackedSshd].some((directory) => existsSync(join(directory, 'usr/sbin/sshd'))),
};

/**
 * A program whose package would start its service: bench/end-to-end/tools.ts and test/observe/prometheus.ts look in both places.
 * @param {string} file below the root
 * @param {string} debian
 * @returns {Need}
 */
const unpacked = (file, debian) => {
  const unpackedTo = join(root, '.setup', debian);
  const present = () => ['/', unpackedTo].some((directory) => existsSync(join(directory, file)));
  return { name: basename(file), debian, unpackedTo, present };
};

/** Where Debian's own python3 looks. @type {Need} */
const openMetricsParser = {
  name: 'prometheus_client of Python',
  debian: 'python3-prometheus-client',
  present: () => existsSync('/usr/lib/python3/dist-packages/prometheus_client'),
};

/** Debian's own, whatever a PATH may put first. Its service does nothing until it is told to. @type {Need} */
const debiansIpvsadm = { name: 'ipvsadm', debian: 'ipvsadm', present: () => existsSync('/sbin/ipvsadm') };

/** @type {Readonly<Record<string, readonly Need[]>>} */
export const profiles = {
  /** To run: the director, the lab and the tests. */
  lab: [
    program('ip', 'iproute2'),
    library('libbpf.so.1', 'libbpf1'),
    program('curl', 'curl'),
    program('openssl', 'openssl'),
    program('arptables', 'iptables'),
    program('nft', 'nftables'),
    program('busybox', 'busybox'),
    program('python3', 'python3'),
    program('unshare', 'util-linux'),
    program('setpriv', 'util-linux'),
    program('nsenter', 'util-linux'),
  ],
  /** To rebuild bpf/director.bpf.o: Debian 12's own clang, so that it comes out byte for byte. */
  bpf: [
    program('clang-14', 'clang-14'),
    program('llvm-strip-14', 'llvm-14'),
    program('clang-format', 'clang-format'),
    program('bpftool', 'bpftool'),
    header('bpf/bpf_helpers.h', 'libbpf-dev'),
    header('linux/bpf.h', 'linux-libc-dev'),
  ],
  /** To compare with kernel IPVS: a guest, which exists for this architecture alone, and what runs in it. */
  compare:
    process.arch === 'x64'
      ? [
          program('linux.uml', 'user-mode-linux'),
          program('modprobe', 'kmod'),
          program('python3', 'python3'),
          program('iptables-legacy', 'iptables'),
          debiansIpvsadm,
        ]
      : [],
  /**
   * Debian's programs that tests work with: ldirectord, which drives Fairlead (test/interop; with the Perl modules that it
   * loads at once), sshd, which `realserver push` speaks to (test/realserver), Prometheus, which reads the metrics
   * (test/observe), zsh, to try completions, and systemd, as the init of a machine.
   */
  interop: [
    program('zsh', 'zsh'),
    program('systemd-analyze', 'systemd'), // which starts nothing where another init runs
    debiansIpvsadm,
    unpacked('usr/bin/promtool', 'prometheus'),
    openMetricsParser,
    ldirectord,
    program('ssh', 'openssh-client'),
    program('sudo', 'sudo'),
    sshd,
    library('libwrap.so.0', 'libwrap0'), // which sshd is linked with
    perlModule('Socket6', 'libsocket6-perl'),
    perlModule('LWP::UserAgent', 'libwww-perl'),
    perlModule('IO::Socket::INET6', 'libio-socket-inet6-perl'),
    perlModule('Mail::Send', 'libmailtools-perl'),
  ],
  /** What Fairlead is measured against, and the load: the libraries are those that haproxy and nginx are linked with. */
  bench: [
    program('wrk', 'wrk'),
    program('iperf3', 'iperf3'),
    unpacked('usr/sbin/haproxy', 'haproxy'),
    library('liblua5.3.so.0', 'liblua5.3-0'),
    library('libopentracing-c-wrapper.so.0', 'libopentracing-c-wrapper0'),
    library('libsystemd.so.0', 'libsystemd0'),
    unpacked('usr/sbin/nginx', 'nginx'),
    unpacked('usr/lib/nginx/modules/ngx_stream_module.so', 'libnginx-mod-stream'),
    library('libpcre2-8.so.0', 'libpcre2-8-0'),
    library('libssl.so.3', 'libssl3'),
    program('taskset', 'util-linux'),
  ],
  /** npm packages are enough; clang-format is used where there is one. */
  check: [],
};

/**
 * To boot another kernel. Where `directory` holds none, Debian's is unpacked there; its package has the version in its name.
 * @param {string} directory
 * @returns {Promise<readonly Need[]>}
 */
export async function kernelNeeds(directory) {
  const present = () => existsSync(join(directory, 'boot'));
  const { stdout } = present() ? { stdout: '' } : await run('apt-cache', ['depends', 'linux-image-amd64']);
  const debian = /Depends: (linux-image-\S+)/.exec(stdout)?.[1] ?? 'linux-image-amd64';
  return [
    program('qemu-system-x86_64', 'qemu-system-x86'),
    program('busybox', 'busybox'),
    program('modprobe', 'kmod'),
    { name: 'a kernel', debian, unpackedTo: directory, present },
  ];
}
