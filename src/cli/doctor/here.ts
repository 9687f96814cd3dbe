/** The examination of this host, as whatever it is. */

import { findDirector } from '../../api/connect.ts';
import { examineClient, examineDirector, examineRealServer } from '../../doctor/examine.ts';
import { virtualLooking } from '../../doctor/guess.ts';
import type { Place, Report } from '../../doctor/report.ts';
import type { DirectorState, ExpectedService } from '../../doctor/view.ts';
import type { Address } from '../../ipvs/address.ts';
import { localInterfaces } from '../../linux/iproute.ts';
import { isolationStatus } from '../../realserver/isolate/isolation.ts';
import { directorState } from './state.ts';

export type Wish = {
  readonly on: Place | 'auto';
  readonly vips: readonly Address[];
  readonly services: readonly ExpectedService[];
};

/** What a real server of this host's services is expected to have. */
export type Expected = { readonly vips: readonly Address[]; readonly services: readonly ExpectedService[] };

export async function examineHere(wish: Wish): Promise<{ report: Report; expected: Expected }> {
  const client = wish.on === 'auto' || wish.on === 'director' ? await findDirector() : undefined;
  if (client) {
    const state = await directorState(client);
    const why = 'the director has no services: ipvsadm -A, or fairlead apply';
    return { report: withHint(await examineDirector(state), why), expected: expectedBy(state) };
  }
  const expected = { vips: wish.vips, services: wish.services };
  if (wish.on === 'director')
    return { report: nothing('no director runs in this network namespace'), expected };
  const isRealServer = wish.on === 'realserver' || (wish.on === 'auto' && (await looksLikeRealServer(wish)));
  if (!isRealServer) {
    const report = await examineClient(wish.vips);
    return {
      report: withHint(
        report,
        `no director runs here, no address looks virtual, no neighbour is known${byName}`,
      ),
      expected,
    };
  }
  const isolated = isolationStatus()?.vips ?? [];
  const report = await examineRealServer({ ...expected, isolated });
  return { report: withHint(report, `no address looks virtual${byName}`), expected };
}

async function looksLikeRealServer({ vips, services }: Wish): Promise<boolean> {
  if (services.length > 0) return true;
  const virtual = virtualLooking(await localInterfaces());
  return vips.length === 0 ? virtual.length > 0 : vips.some((vip) => virtual.includes(vip));
}

function expectedBy({ services }: DirectorState): Expected {
  const direct = services.filter(({ destinations }) => destinations.some(({ method }) => method !== 'masq'));
  const keys = direct.flatMap((service) => (service.kind === 'address' ? [service] : []));
  return {
    vips: [...new Set(keys.map(({ address }) => address))],
    services: keys.flatMap(({ protocol, address, port }) =>
      protocol === 'sctp' || port === 0 ? [] : [{ protocol, vip: address, port }],
    ),
  };
}

function nothing(why: string): Report {
  return { place: 'director', vips: [], findings: [], remarks: [{ what: 'anything', why }] };
}

const byName = ': name it by --vip';

/** A host that is nothing and knows nobody, or has nothing to do. */
function withHint(report: Report, why: string): Report {
  if (report.vips.length + report.remarks.length > 0) return report;
  return { ...report, remarks: [{ what: 'anything', why }] };
}
