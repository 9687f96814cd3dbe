/** Why packets are not forwarded (abi.h, enum fl_reason), in a few words; docs/not-forwarded.md has more. */

export type Reason = {
  /** What becomes of the packet. */
  readonly fate: string;
  readonly cause: string;
};

const stack = 'to the local stack';
const dropped = 'dropped';

export const reasons = {
  malformed: { fate: stack, cause: 'its headers do not fit it' },
  fragment: { fate: stack, cause: 'a fragment whose first one has not been seen' },
  vip_not_local: { fate: stack, cause: 'this host does not own the virtual address' },
  no_connection: { fate: stack, cause: 'no entry, and it may not open a connection' },
  no_server: { fate: 'dropped; port unreachable', cause: 'no real server may have it' },
  server_removed: { fate: dropped, cause: 'its real server was deleted' },
  table_full: { fate: 'forwarded without an entry', cause: 'the connection table is full' },
  half_open_full: { fate: 'forwarded without an entry', cause: 'too many half-open connections' },
  ttl_expired: { fate: 'dropped; time exceeded', cause: 'TTL or hop limit 1' },
  no_route: { fate: 'dropped; host unreachable', cause: 'the real server cannot be reached' },
  too_big: { fate: 'dropped; packet too big', cause: 'larger than the MTU, and not to be fragmented' },
  cannot_fragment: { fate: dropped, cause: 'larger than the MTU, and BPF cannot fragment it' },
  cannot_translate: { fate: dropped, cause: 'its addresses cannot be rewritten' },
  cannot_encapsulate: { fate: dropped, cause: 'no outer header can be put around it' },
  defence: { fate: dropped, cause: 'drop_packet is at work' },
  no_call_id: { fate: dropped, cause: 'a SIP message without a usable Call-ID' },
  stray_reply: {
    fate: 'dropped; port unreachable',
    cause: 'of a masqueraded real server, and no connection',
  },
  upgrading: { fate: dropped, cause: 'an upgrade was just bringing its entry along' },
} as const satisfies Readonly<Record<string, Reason>>;

/** `undefined` for a reason of a later version. */
export function reasonOf(name: string): Reason | undefined {
  return (reasons as Readonly<Record<string, Reason>>)[name];
}
