/** Carrying a command out: a request to the director. What is listed: list.ts. */

import { type BatchedCall, callOne } from '../api/batch.ts';
import { FairleadError } from '../ipvs/errors.ts';
import { type DestinationKey, destinationKeyText, type ServiceKey, serviceKeyText } from '../ipvs/service.ts';
import type { Command } from './command.ts';
import { type Ending, endingOf, exitCode } from './exit-codes.ts';
import { helpText, versionText } from './help.ts';
import { type Listing, type ListModules, list } from './list.ts';

/** What listings need, other commands need, too: a director, if they ask for one. */
export type RunModules = ListModules;

/** What is carried out by one request or none, or is listed; `-R` is many commands (restore.ts). */
export type SingleCommand = Exclude<Command, { kind: 'restore' }>;
type Change = Exclude<SingleCommand, Listing | { kind: 'help' | 'version' }>;

/** Carries out `command`. The director's refusals are endings, not rejections. */
export async function run(command: SingleCommand, modules: RunModules): Promise<Ending> {
  switch (command.kind) {
    case 'help':
      await modules.write(helpText);
      return done;
    case 'version':
      await modules.write(versionText);
      return done;
    case 'save':
    case 'list-services':
    case 'list-timeouts':
    case 'list-connections':
    case 'list-daemons':
      try {
        await list(command, modules);
        return done;
      } catch (error) {
        return endingOf(error, exitCode.listing);
      }
    default: {
      const call = callOf(command);
      try {
        await callOne(await modules.connect(), call);
        return done;
      } catch (error) {
        return endingOfCall(call, error);
      }
    }
  }
}

export const done: Ending = { stderr: '', code: exitCode.ok };

/** Whether a command changes something, by one request. */
export function isChange(command: Command): command is Change {
  return !/^(?:list-|help$|version$|save$|restore$)/.test(command.kind);
}

/** The request that makes a change. */
export function callOf(command: Change): BatchedCall {
  switch (command.kind) {
    case 'set-timeouts':
      return { route: 'setTimeouts', body: command.timeouts };
    case 'flush':
      return { route: 'flush' };
    case 'zero':
      if (!command.service) return { route: 'zeroAll' };
      return { route: 'zeroService', params: serviceParams(command.service) };
    case 'add-service':
      return { route: 'addService', body: command.service };
    case 'edit-service': {
      const { scheduler, flags, persistent, netmask, engine, onePacket } = command.service;
      const settings = { scheduler, flags, persistent, netmask, onePacket };
      return {
        route: 'editService',
        params: serviceParams(command.service),
        body: engine === undefined ? settings : { ...settings, engine },
      };
    }
    case 'delete-service':
      return { route: 'deleteService', params: serviceParams(command.service) };
    case 'start-daemon':
      return { route: 'startSyncDaemon', body: command.daemon };
    case 'stop-daemon':
      return { route: 'stopSyncDaemon', params: { role: command.role } };
    case 'add-server':
      return {
        route: 'addDestination',
        params: serviceParams(command.service),
        body: command.destination,
      };
    case 'edit-server': {
      const { address: _, port: _port, ...settings } = command.destination;
      const params = serverParams(command.service, command.destination);
      return { route: 'editDestination', params, body: settings };
    }
    case 'delete-server':
      return { route: 'deleteDestination', params: serverParams(command.service, command.destination) };
  }
}

/** How a change ended that was refused. To a command about a real server, a service that is missing is one that is not defined. */
export function endingOfCall({ route }: BatchedCall, error: unknown): Ending {
  const isMissing = error instanceof FairleadError && error.code === 'SERVICE_NOT_FOUND';
  return endingOf(
    isMissing && route.endsWith('Destination') ? new FairleadError('SERVICE_NOT_DEFINED') : error,
  );
}

function serviceParams(service: ServiceKey): { readonly service: string } {
  return { service: serviceKeyText(service) };
}

function serverParams(service: ServiceKey, destination: DestinationKey) {
  return { ...serviceParams(service), destination: destinationKeyText(destination) };
}
