/**
 * Configuration as a packet meets it, for tests: a second reading of the contract in abi.h, which shares nothing with
 * the code that writes it.
 */

import type { flDestination, flService } from '../abi.gen.ts';
import type { DirectorMaps } from '../director-maps.ts';
import type { Decoded } from '../layout.ts';

type Service = Decoded<typeof flService>;
type Destination = Decoded<typeof flDestination>;

/** Everything in force, a line each. Throws where a packet would find something that does not fit together. */
export function configurationInForce(maps: DirectorMaps): readonly string[] {
  const settings = maps.settings.get(0);
  const { generation } = settings;
  const reached = (since: number): boolean => ((generation - since) | 0) >= 0;
  const exists = ({ since, until }: Pick<Service, 'since' | 'until'>): boolean =>
    (since === 0 || reached(since)) && (until === 0 || !reached(until));
  const version = <C>({ nextSince, config }: { nextSince: number; config: readonly C[] }): C => {
    const chosen = config[nextSince !== 0 && reached(nextSince) ? 1 : 0];
    if (!chosen) throw new Error('no such version');
    return chosen;
  };
  const destinationText = (slot: number, serviceSlot: number): string => {
    const value: Destination = maps.destinations.get(slot);
    if (value.used !== 1 || !exists(value)) throw new Error(`slot ${slot} is listed, but not to be used`);
    if (value.serviceSlot !== serviceSlot) throw new Error(`slot ${slot} counts for another service`);
    return `${value.family}/${value.address.word}:${value.port} ${JSON.stringify(version(value))}`;
  };

  const seen = {
    ...{ addressServices: 0, markServices: 0, ipv4Services: 0, ipv6Services: 0 },
    ...{ ftpServices: 0, anyPortServices: 0 },
  };
  const vips = new Map<string, number>();
  const listed = new Set<number>();
  const serviceText = ([key, value]: readonly [Parameters<typeof maps.services.get>[0], Service]): string => {
    const { first, count, table, edition: _, born: __, cursor: ___, ...config } = version(value);
    const members = maps.members.range(first, count);
    for (const { destination } of members) listed.add(destination);
    seen[key.family === 4 ? 'ipv4Services' : 'ipv6Services']++;
    if (key.mark === 0) {
      seen.addressServices++;
      if (key.port === 0) seen.anyPortServices++;
      if (key.port === 21 && key.protocol === 6) seen.ftpServices++;
      const vip = `${key.family}/${key.address?.word}`;
      vips.set(vip, (vips.get(vip) ?? 0) + 1);
    } else seen.markServices++;
    const servers = members.map(
      ({ destination, weight, lastWeight }) =>
        `  ${destinationText(destination, value.slot)} ${weight} ${lastWeight}`,
    );
    const places = new Set(table === 0 ? [] : maps.hashTables.get({ value: table })?.slot);
    const shares = members.map(({ destination }) => (places.has(destination) ? 'hashed' : '-'));
    return [JSON.stringify([key, config]), ...servers, shares.join(' ')].join('\n');
  };

  const services = [...maps.services.entries()].filter(([, value]) => exists(value));
  const lines = services.map(serviceText).sort();
  for (const [slot, value] of maps.destinations.used()) {
    if (value.used === 0) continue;
    if (exists(value) !== listed.has(slot)) throw new Error(`slot ${slot} is in use, but in no list`);
  }
  for (const [name, count] of Object.entries(seen) as [keyof typeof seen, number][]) {
    if (settings[name] < count) throw new Error(`settings.${name} hides what there is`);
  }
  for (const [vip, count] of vips) {
    const [family, words] = vip.split('/');
    const key = { family: Number(family), address: { word: words?.split(',').map(Number) ?? [] } };
    if ((maps.vips.get(key)?.value ?? 0) < count) throw new Error(`vips hides ${vip}`);
    const number = (words?.split(',') ?? []).reduce((sum, word) => sum ^ Number(word), 0);
    const bit = ((BigInt(number >>> 0) * 0x9e3779b1n) & 0xffffffffn) >> 16n;
    const { value } = maps.vipFilter.get(Number(bit / 64n));
    if (((value >> (bit % 64n)) & 1n) === 0n) throw new Error(`vip_filter hides ${vip}`);
  }

  const bank =
    settings.markSince !== 0 && reached(settings.markSince) ? 1 - settings.markBank : settings.markBank;
  const rules = maps.markRules.range(bank * 1024, settings.markRules[bank] ?? 0);
  const { tcpTimeoutMs, udpTimeoutMs, sctpTimeoutMs, sysctl, kept } = settings;
  return [
    ...lines,
    ...rules.map((rule) => JSON.stringify(rule)),
    JSON.stringify({ tcpTimeoutMs, udpTimeoutMs, sctpTimeoutMs, sysctl, kept }),
  ];
}

/** What is still marked as to come or to go: nothing, once a daemon has taken over. */
export function unsettled(maps: DirectorMaps): readonly string[] {
  const { markSince } = maps.settings.get(0);
  return [
    ...[...maps.services.entries()].flatMap(([key, { since, until, nextSince }]) =>
      since || until || nextSince ? [`service ${JSON.stringify(key)}`] : [],
    ),
    ...[...maps.destinations.used()].flatMap(([slot, { since, until, nextSince, retirement, deletedAt }]) =>
      since || nextSince || retirement || (until !== 0) !== (deletedAt !== 0n) ? [`destination ${slot}`] : [],
    ),
    ...(markSince ? ['mark rules'] : []),
  ];
}
