/**
 * What the service of a real server may do: as much as its lines need, and no more (systemd.exec(5)), as that of the director.
 * What a systemd does not know yet it names in its log, and goes on. Pure.
 */

/**
 * `programs`: loads BPF programs, with Node.js and from wherever Fairlead is; `modules`: loads kernel modules itself; `raw`: opens
 * raw sockets. All of them change the network.
 */
export type Need = 'programs' | 'modules' | 'raw';

/** Lines of the section [Service]. */
export function rightsFor(needs: ReadonlySet<Need>): readonly string[] {
  const [programs, modules] = [needs.has('programs'), needs.has('modules')];
  const capabilities = [
    'CAP_NET_ADMIN',
    ...(needs.has('raw') ? ['CAP_NET_RAW'] : []),
    ...(programs ? ['CAP_SYS_ADMIN'] : []), // finds programs by their numbers, which no lesser right does
    ...(modules ? ['CAP_SYS_MODULE'] : []),
  ];
  return [
    `CapabilityBoundingSet=${capabilities.join(' ')}`,
    'NoNewPrivileges=yes',
    'SystemCallArchitectures=native',
    'SystemCallFilter=@system-service',
    'SystemCallFilter=~@chown @keyring @memlock @privileged @resources @setuid acct kcmp name_to_handle_at personality userfaultfd',
    ...(programs ? ['SystemCallFilter=bpf'] : []),
    ...(modules ? ['SystemCallFilter=@module'] : []),
    'SystemCallErrorNumber=EPERM',
    'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK',
    ...['RestrictNamespaces=yes', 'RestrictRealtime=yes', 'RestrictSUIDSGID=yes', 'LockPersonality=yes'],
    // A JIT compiler writes what it runs, and a checkout may be at home.
    ...(programs ? [] : ['MemoryDenyWriteExecute=yes', 'PrivateTmp=yes']),
    `ProtectHome=${programs ? 'read-only' : 'yes'}`,
    'ProtectSystem=strict',
    'ProtectProc=invisible',
    'ProtectClock=yes',
    'ProtectControlGroups=yes',
    'ProtectHostname=yes',
    'ProtectKernelLogs=yes',
    ...(modules ? [] : ['ProtectKernelModules=yes']),
    'ProtectKernelTunables=yes',
    'ReadWritePaths=-/proc/sys/net',
    ...['PrivateDevices=yes', 'PrivateMounts=yes', 'UMask=0077'],
  ];
}
