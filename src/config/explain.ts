/**
 * Steps as a person reads them: a diff by services. `+` is new, `-` goes, `~` changes, and what changes is said with
 * what it was.
 */

import type { ServicePlan } from '../health/plan.ts';
import { ipv4FromNumber } from '../ipvs/address.ts';
import { flagNamesOf } from '../ipvs/flag-names.ts';
import { listenerWords } from '../ipvs/listener.ts';
import type { MarkRule } from '../ipvs/mark-rule.ts';
import {
  type Destination,
  destinationKeyText,
  fullNetmask,
  parseServiceKeyText,
  type Service,
  type ServiceKey,
  serviceFamily,
  serviceKeyText,
} from '../ipvs/service.ts';
import type { SysctlName } from '../ipvs/sysctl.ts';
import { vipText } from '../ipvs/vip.ts';
import { secondsText } from './meaning/duration.ts';
import { keyWords } from './meaning/services.ts';
import { planText } from './plan.ts';
import type { Step } from './step.ts';

/** Lines without their ends. `ruleText` writes a mark rule. */
export function explain(steps: readonly Step[], ruleText: (rule: MarkRule) => string): readonly string[] {
  const lines: string[] = [];
  let current = '';
  /** A service that stays has a line of its own above what changes in it. */
  const under = (key: ServiceKey, line: string): void => {
    const text = serviceKeyText(key);
    if (text !== current) lines.push(`  ${keyWords(key)}`);
    current = text;
    lines.push(line);
  };
  for (const step of steps) {
    switch (step.kind) {
      case 'add-service':
        lines.push(`+ ${keyWords(step.service)}  ${Object.values(serviceWords(step.service)).join(', ')}`);
        current = serviceKeyText(step.service);
        break;
      case 'edit-service':
        under(step.after, `~   ${changed(serviceWords(step.before), serviceWords(step.after))}`);
        break;
      case 'remove-service':
        lines.push(`- ${keyWords(step.service)}  ${serverCount(step.service.destinations.length)}`);
        break;
      case 'add-server':
        under(
          step.service,
          `+   ${destinationKeyText(step.server)}  ${Object.values(serverWords(step.server)).join(', ')}`,
        );
        break;
      case 'edit-server': {
        const words = changed(serverWords(step.before), serverWords(step.after));
        under(step.service, `~   ${destinationKeyText(step.after)}  ${words}`);
        break;
      }
      case 'remove-server':
        under(step.service, `-   ${destinationKeyText(step.server)}`);
        break;
      default:
        lines.push(...settingLines(step, ruleText));
    }
  }
  return lines;
}

/** What is to be done in a few words: `2 services to add, 1 real server to change`. */
export function summary(steps: readonly Step[]): string {
  const kinds = [
    ['service', 'service'],
    ['real server', 'server'],
    ['address', 'vip'],
  ] as const;
  const verbs = [
    ['add', 'add'],
    ['change', 'edit'],
    ['remove', 'remove'],
  ] as const;
  const counted = kinds.flatMap(([noun, kind]) =>
    verbs.flatMap(([verb, prefix]) => {
      const count = steps.filter((step) => step.kind === `${prefix}-${kind}`).length;
      return count === 0 ? [] : [`${plural(count, noun)} to ${verb}`];
    }),
  );
  const settings = steps.flatMap((step) =>
    step.kind === 'set-health' ? careWords(step) : step.kind.startsWith('set-') ? [step.kind.slice(4)] : [],
  );
  return [...counted, ...(settings.length > 0 ? [`${settings.join(' and ')} to set`] : [])].join(', ');
}

/** `1 service`, `2 addresses`. */
export function plural(count: number, noun: string): string {
  if (count === 1) return `1 ${noun}`;
  return `${count} ${noun}${noun.endsWith('s') ? 'es' : 's'}`;
}

function serverCount(count: number): string {
  return count === 0 ? 'no real servers' : `with ${plural(count, 'real server')}`;
}

type Words = Readonly<Record<string, string>>;

/** Settings that are not as usual, by name. */
function serviceWords(service: Service): Words {
  const { scheduler, flags, persistent, netmask, engine, onePacket } = service;
  const isWhole = netmask === fullNetmask(serviceFamily(service));
  const mask = serviceFamily(service) === 4 ? ipv4FromNumber(netmask) : `/${netmask}`;
  return {
    scheduler: `scheduler ${scheduler}`,
    ...(flags.length > 0 && { flags: `flags ${flagNamesOf(scheduler, flags).join(' ')}` }),
    ...(persistent > 0 && { persistent: `persistence ${secondsText(persistent)}` }),
    ...(!isWhole && { netmask: `netmask ${mask}` }),
    ...(engine && { engine: `engine ${engine}` }),
    ...(onePacket && { onePacket: 'one packet' }),
  };
}

function serverWords({ method, weight, upperThreshold, lowerThreshold, tunnel }: Destination): Words {
  return {
    method,
    weight: `weight ${weight}`,
    ...(tunnel &&
      tunnel.type !== 'ipip' && {
        tunnel: [tunnel.type, tunnel.port || '', tunnel.checksum].filter(String).join(' '),
      }),
    ...(upperThreshold > 0 && { upper: `upper threshold ${upperThreshold}` }),
    ...(lowerThreshold > 0 && { lower: `lower threshold ${lowerThreshold}` }),
  };
}

/** `weight 1 -> 3`; `no` where there was, or will be, nothing. */
function changed(before: Words, after: Words): string {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names
    .filter((name) => before[name] !== after[name])
    .map((name) => {
      const [old, fresh] = [before[name], after[name]];
      if (old === undefined) return `${fresh} (new)`;
      if (fresh === undefined) return `no ${old.replace(/ .*/, '')} (was ${old})`;
      const [noun, value] = /^(.*) (\S+)$/.exec(old)?.slice(1) ?? [];
      return noun !== undefined && fresh.startsWith(`${noun} `)
        ? `${noun} ${value} -> ${fresh.slice(noun.length + 1)}`
        : `${old} -> ${fresh}`;
    })
    .join(', ');
}

/** In short: names alone are no health checks. */
function careWords({ before, after }: Extract<Step, { kind: 'set-health' }>): string {
  const hasMore = (plan: ServicePlan): boolean =>
    hasChecks(plan) || plan.sorry !== undefined || plan.slowStartMs > 0;
  const isNaming =
    before.maintenance === after.maintenance &&
    ![before, after].some(({ services }) => services.some(hasMore));
  return isNaming ? 'names' : 'health checks';
}

/** Whose checks, and what goes with them, are new, go or change. */
function healthLines({ before, after }: Extract<Step, { kind: 'set-health' }>): readonly string[] {
  const [old, fresh] = [before, after].map(
    (plan) => new Map(plan.services.map((each) => [each.service, planText(plan, each)])),
  );
  const checked = new Set(
    [before, after].flatMap(({ services }) => services.filter(hasChecks)).map(({ service }) => service),
  );
  const names = [...new Set([...(old?.keys() ?? []), ...(fresh?.keys() ?? [])])];
  const lines = names
    .filter((name) => old?.get(name) !== fresh?.get(name))
    .map((name) => {
      const sign = !old?.has(name) ? '+' : fresh?.has(name) ? '~' : '-';
      const what = checked.has(name) ? 'health checks' : 'name, sorry server and slow start';
      return `${sign} ${what} of ${nameWords(name)}`;
    });
  if (before.maintenance === after.maintenance) return lines;
  return [...lines, `~ maintenance ${before.maintenance ?? 'none'} -> ${after.maintenance ?? 'none'}`];
}

function hasChecks({ checks, own }: ServicePlan): boolean {
  return checks.length > 0 || Object.keys(own).length > 0;
}

function nameWords(text: string): string {
  const key = parseServiceKeyText(text);
  return key ? keyWords(key) : text;
}

type SettingStep = Extract<Step, { kind: `set-${string}` | `${string}-vip` }>;

function settingLines(step: SettingStep, ruleText: (rule: MarkRule) => string): readonly string[] {
  switch (step.kind) {
    case 'add-vip':
      return [`+ vip ${vipText(step.vip)} on ${step.vip.interface}`];
    case 'remove-vip':
      return [`- vip ${vipText(step.vip)} on ${step.vip.interface}`];
    case 'set-timeouts': {
      const { before, after } = step;
      const names = { tcp: 'tcp', tcpFin: 'tcp_fin', udp: 'udp' } as const;
      return (['tcp', 'tcpFin', 'udp'] as const)
        .filter((key) => before[key] !== after[key])
        .map((key) => `~ timeout ${names[key]} ${secondsText(before[key])} -> ${secondsText(after[key])}`);
    }
    case 'set-sysctls':
      return Object.entries(step.after).map(
        ([name, value]) => `~ sysctl ${name} ${step.before[name as SysctlName]} -> ${value}`,
      );
    case 'set-api': {
      const { before, after } = step;
      const [old, fresh] = [before, after].map(({ listeners }) => listeners.map(listenerWords));
      return [
        ...(old ?? []).filter((text) => !fresh?.includes(text)).map((text) => `- api ${text}`),
        ...(fresh ?? []).filter((text) => !old?.includes(text)).map((text) => `+ api ${text}`),
        ...(before.tokens === after.tokens ? [] : [`~ api tokens ${before.tokens} -> ${after.tokens}`]),
        ...(before.rate === after.rate ? [] : [`~ api rate ${before.rate} -> ${after.rate}`]),
      ];
    }
    case 'set-health':
      return healthLines(step);
    case 'set-marks': {
      const [before, after] = [step.before.map(ruleText), step.after.map(ruleText)];
      const lines = [
        ...before.filter((text) => !after.includes(text)).map((text) => `- mark ${text}`),
        ...after.filter((text) => !before.includes(text)).map((text) => `+ mark ${text}`),
      ];
      return lines.length > 0 ? lines : ['~ the order of the mark rules'];
    }
  }
}
