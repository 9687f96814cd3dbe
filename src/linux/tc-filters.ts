/** The filters on an interface's clsact qdisc, by rtnetlink (linux/rtnetlink.h, linux/pkt_sched.h). */

import { NLM_F_DUMP, netlinkMessage } from './netlink.ts';
import { askKernel } from './netlink-socket.ts';

const RTM_GETTFILTER = 46;
/** TC_H_CLSACT with TC_H_MIN_INGRESS and TC_H_MIN_EGRESS. */
const parents = [0xfffffff2, 0xfffffff3];
const tcMessageBytes = 20; // struct tcmsg

/** Whether some filter stands at its clsact qdisc, in either direction. Throws SYSTEM_CALL where it has no such qdisc. */
export function hasFilters(ifindex: number): boolean {
  return parents.some((parent) => {
    const body = new Uint8Array(tcMessageBytes);
    const view = new DataView(body.buffer);
    view.setInt32(4, ifindex, true);
    view.setUint32(12, parent, true);
    return askKernel('RTM_GETTFILTER', netlinkMessage(RTM_GETTFILTER, NLM_F_DUMP, body)).length > 0;
  });
}
