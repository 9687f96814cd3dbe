/** Notices when the last connection of a real server has ended that gets no new ones. */

import { openConnections, type ServiceStatus } from '../../ipvs/service.ts';
import type { Post } from './post.ts';
import type { Subject } from './questions.ts';

export type Drains = {
  /** Those that have become idle since it was last asked. To be called once a second. */
  ended(posts: ReadonlyMap<string, Post>): readonly Subject[];
};

/** `mayServe` as in health/member.ts. Those that are idle when it begins are not told of. */
export function createDrains(
  status: (post: Post) => ServiceStatus,
  mayServe: (post: Post, server: string) => boolean,
): Drains {
  const idle = new Set<string>();
  return {
    ended(posts) {
      const found: Subject[] = [];
      for (const [service, post] of posts) {
        const draining: string[] = [];
        for (const server of post.members.keys()) {
          const text = `${service} ${server}`;
          if (mayServe(post, server)) idle.delete(text);
          else if (!idle.has(text) && post.applied.has(server)) draining.push(server);
        }
        if (draining.length === 0) continue;
        const now = status(post);
        for (const server of draining) {
          const destination = now.destinations.find(({ address, port }) => {
            const applied = post.applied.get(server);
            return applied?.address === address && applied.port === port;
          });
          if (!destination || openConnections(now, destination) > 0) continue;
          idle.add(`${service} ${server}`);
          found.push({ service, server });
        }
      }
      return found;
    },
  };
}
