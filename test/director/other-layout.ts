/**
 * Fairlead as another version would lay its data out: compiled from these sources, unless otherwise said with the fields
 * of its structs in another order, some wider, some more, and tables of another shape.
 */

import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { FlLimit } from '../../src/dataplane/bpf/abi.gen.ts';
import { root } from './support.ts';

/** A text that a file has once, and another one in its place. */
type Change = readonly [file: string, from: string, to: string];

/** Structs with other orders, sizes and fields. */
const anotherOrder: readonly Change[] = [
  ['bpf/include/abi/limits.h', 'define FL_CHUNK_BUCKETS_IPV4 4096', 'define FL_CHUNK_BUCKETS_IPV4 2048'],
  ['bpf/include/abi/limits.h', 'define FL_MAX_MARK_RULES 1024', 'define FL_MAX_MARK_RULES 2048'],
  // What each packet looks at, the other way round; the whole stays a cache line.
  [
    'bpf/include/abi/connection.h',
    '\t__u64 last_seen; /* CLOCK_MONOTONIC_COARSE, ns */\n\t__u32 timeout_ms; /* since last_seen */\n\t__u32 state;\n\t__u32 destination; /* slot */\n',
    '\t__u32 destination;\n\t__u32 state;\n\t__u64 last_seen;\n\t__u32 timeout_ms;\n',
  ],
  ['bpf/include/abi/connection.h', '\t__u32 controlled; /*', '\t__u64 added;\n\t__u64 controlled; /*'],
  [
    'bpf/include/abi/connection.h',
    '\t__be16 virtual_port; /* 65535: invalidated, waiting for its end */\n\t__u8 protocol; /* by mark: 0 */\n\t__u8 family;\n',
    '\t__u8 family;\n\t__u8 protocol;\n\t__be16 virtual_port;\n',
  ],
  [
    'bpf/include/abi/table.h',
    '\t__u64 seed; /* of the hash: a secret */\n\t__u32 current;',
    '\t__u32 added;\n\t__u32 shift_to_come;\n\t__u64 seed;\n\t__u32 current;',
  ],
  [
    'bpf/include/abi/service.h',
    '\t__u64 connections;\n\t__u64 in_packets;\n\t__u64 in_bytes;\n',
    '\t__u64 in_bytes;\n\t__u64 added;\n\t__u64 in_packets;\n\t__u64 connections;\n',
  ],
  [
    'bpf/include/abi/service.h',
    '\t__u32 slot; /* index in service_state */\n\t__u32 since; /* the',
    '\t__u64 added;\n\t__u32 since; /* the',
  ],
  [
    'bpf/include/abi/service.h',
    '\tstruct fl_service_config config[2];\n',
    '\tstruct fl_service_config config[2];\n\t__u32 slot;\n\t__u32 more;\n',
  ],
  [
    'bpf/include/abi/service.h',
    '\t__u32 destination; /* slot */\n\t__u32 weight;\n',
    '\t__u32 weight;\n\t__u64 added;\n\t__u32 destination;\n',
  ],
  [
    'bpf/include/abi/service.h',
    '\tstruct fl_address address;\n\t__be16 port; /* 0 under',
    '\t__u64 added;\n\tstruct fl_address address;\n\t__be16 port; /* 0 under',
  ],
  [
    'bpf/include/abi/service.h',
    '\t__u32 active; /* ActiveConn */\n\t__u32 inactive; /* InActConn */\n',
    '\t__u32 inactive;\n\t__u32 active;\n',
  ],
  [
    'bpf/include/abi/settings.h',
    '\t__u32 generation; /* of the configuration in force */\n\t__u32 flags;\n',
    '\t__u32 added;\n\t__u32 flags;\n\t__u32 generation;\n',
  ],
  ['bpf/include/abi/settings.h', '\t__u32 mtu;\n};', '\t__u64 mtu;\n};'],
  [
    'bpf/include/abi/settings.h',
    '\t__u32 mask;\n\t__u32 interface;\n',
    '\t__u32 interface;\n\t__u32 mask;\n',
  ],
];

/**
 * Services that count by themselves, in a map of their own, as they did up to layout 10; each packet twice, so that what they
 * have counted is not what follows from their real servers.
 */
export const countsOfServices: readonly Change[] = [
  [
    'bpf/lib/maps.h',
    '/* A part for each CPU, one behind the other',
    `struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, FL_MAX_SERVICES);
	__type(key, __u32);
	__type(value, struct fl_counts);
} service_counts SEC(".maps");

/* A part for each CPU, one behind the other`,
  ],
  [
    'bpf/lib/count.h',
    'static __always_inline void count_packet(__u32 destination_slot, enum direction direction,\n\t\t\t\t\t __u32 bytes)\n{\n\tstruct fl_counts *counts = counts_of(destination_slot);\n',
    `static __always_inline struct fl_counts *service_counts_of(__u32 destination_slot)
{
	struct fl_destination *destination = bpf_map_lookup_elem(&destinations, &destination_slot);
	__u32 index = bpf_get_smp_processor_id() * FL_MAX_SERVICES;

	if (!destination)
		return NULL;
	index += destination->service_slot;
	return bpf_map_lookup_elem(&service_counts, &index);
}

static __always_inline void count_in(struct fl_counts *counts, enum direction direction,
				     __u32 bytes)
{
`,
  ],
  [
    'bpf/lib/count.h',
    '/* A connection that was scheduled',
    `static __always_inline void count_packet(__u32 destination_slot, enum direction direction,
					 __u32 bytes)
{
	count_in(counts_of(destination_slot), direction, bytes);
	for (int twice = 0; twice < 2; twice++)
		count_in(service_counts_of(destination_slot), direction, bytes);
}

/* A connection that was scheduled`,
  ],
  ['src/dataplane/bpf/director-maps.ts', "  'service_state',\n", "  'service_state',\n  'service_counts',\n"],
  [
    'src/dataplane/bpf/director-maps.ts',
    '  dest_counts: FlLimit.FL_LIMIT_DESTINATIONS,\n',
    '  dest_counts: FlLimit.FL_LIMIT_DESTINATIONS,\n  service_counts: FlLimit.FL_LIMIT_SERVICES,\n',
  ],
];

/** What it is built and installed from. */
const parts = [
  ...['bin', 'bpf', 'docs', 'man', 'packaging', 'scripts', 'src'],
  ...['LICENSE', 'README.md', 'CHANGELOG.md', 'CONTRIBUTING.md'],
  ...['package.json', 'package-lock.json', 'tsconfig.json'],
];

export type OtherVersion = { readonly house: string; readonly ipvsadm: string; readonly fairlead: string };

/** Why there can be none on this machine, or `undefined`. */
function missingCompiler(): string | undefined {
  const missing = ['clang-14', 'llvm-strip-14', 'bpftool'].filter(
    (name) => spawnSync(name, ['--version']).error,
  );
  return missing.length === 0 ? undefined : `no ${missing.join(', ')}: node scripts/setup.mjs bpf`;
}

/** One for the tests of a file, which are skipped where it cannot be made; what is answered says which it is. */
export function withOtherVersion(
  layout: number = FlLimit.FL_LIMIT_ABI_VERSION + 1,
  changes: readonly Change[] = anotherOrder,
): () => OtherVersion {
  const why = missingCompiler();
  let other: OtherVersion | undefined;
  beforeAll(() => {
    if (why === undefined) other = buildOtherVersion(layout, changes);
  }, 300_000);
  afterAll(() => rmSync(other?.house ?? '', { recursive: true, force: true }));
  beforeEach((context) => context.skip(why !== undefined, why));
  return () => {
    if (!other) throw new Error('there is none before the tests');
    return other;
  };
}

/** Compiled anew, which takes some ten seconds; the caller removes `house`. */
function buildOtherVersion(layout: number, changes: readonly Change[]): OtherVersion {
  const house = mkdtempSync(join(tmpdir(), 'fl-test-other-'));
  try {
    for (const part of parts) cpSync(join(root, part), join(house, part), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(house, 'node_modules'));
    for (const [file, from, to] of changes) change(join(house, file), from, to);
    const limits = join(house, 'bpf/include/abi/limits.h');
    const own = /define FL_ABI_VERSION \d+/.exec(readFileSync(limits, 'utf8'))?.[0] ?? '';
    change(limits, own, `define FL_ABI_VERSION ${layout}`);
    for (const words of [['scripts/build-bpf.mjs', 'bpf/director.bpf.c'], ['scripts/build.mjs']])
      execFileSync(process.execPath, words, { cwd: house, stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    rmSync(house, { recursive: true, force: true });
    throw error;
  }
  return { house, ipvsadm: join(house, 'bin/ipvsadm'), fairlead: join(house, 'bin/fairlead') };
}

function change(path: string, from: string, to: string): void {
  const text = readFileSync(path, 'utf8');
  if (text.split(from).length !== 2) throw new Error(`${path} does not say once: ${from}`);
  writeFileSync(path, text.replace(from, to));
}
