/** The interfaces of the calling thread's network namespace. */

import { askKernel } from './netlink-socket.ts';
import { type Link, linkDumpRequest, linksIn } from './rtnetlink.ts';

/** All links, in the kernel's order. */
export function listLinks(): readonly Link[] {
  return linksIn(askKernel('RTM_GETLINK', linkDumpRequest()));
}
