/** Steps that configure a data plane, or let time pass. */

import { parseEndpoint } from '../../src/ipvs/address.ts';
import type { Player } from '../support/player.ts';
import { type Book, keyOf } from './book.ts';
import type { Step } from './step.ts';

/** Does what is no packet; `book` is that of after the step. */
export function apply(player: Player, step: Step, book: Book): void {
  const { plane } = player; // a restart makes another
  switch (step.do) {
    case 'wait':
      player.advance(step.ms);
      break;
    case 'restart':
      player.withoutDaemon(() => undefined);
      if (book.availablePages !== undefined) player.plane.defend(book.availablePages); // before it serves anybody
      break;
    case 'add-service':
      plane.addService(step.service);
      break;
    case 'edit-service':
      plane.editService(step.service);
      break;
    case 'remove-service':
      plane.removeService(keyOf(step.service));
      break;
    case 'remove-all':
      plane.removeAllServices();
      break;
    case 'add-server':
      plane.addDestination(keyOf(step.service), step.server);
      break;
    case 'edit-server':
      plane.editDestination(keyOf(step.service), step.server);
      break;
    case 'remove-server':
      plane.removeDestination(keyOf(step.service), parseEndpoint(step.server) ?? fail(step.server));
      break;
    case 'zero':
      plane.zero(keyOf(step.service));
      break;
    case 'sysctl':
      plane.setSysctls({ ...plane.sysctls(), [step.name]: step.value });
      break;
    case 'timeouts':
      plane.setTimeouts(step.timeouts);
      break;
    case 'marks':
      plane.setMarkRules(step.rules);
      break;
    case 'defend':
      plane.defend(step.availablePages);
      break;
    case 'purge':
      plane.purge();
      break;
    default:
      break;
  }
}

function fail(what: string): never {
  throw new Error(`no endpoint: ${what}`);
}
