/**
 * Persistence templates: which destination a client network, or a call, has been given (ip_vs_sched_persist()). As
 * bpf/lib/template.h.
 */

import { bindTemplate, unbindTemplate } from './binding.ts';
import { type Destination, deadlineOf, type Memory, type Template } from './memory.ts';

/** As IPVS has it, a template that still controls connections when it is over goes on for a minute at a time. */
const controlledTimeoutMs = 60_000;

/** What a template is found by. */
export type TemplateKey = Pick<
  Template,
  'protocol' | 'family' | 'client' | 'virtual' | 'virtualPort' | 'callId'
>;

/** Port of a template that is invalid and waits for its end. */
const invalidPort = 0xffff;

function templateKey({ protocol, family, client, virtual, virtualPort, callId }: TemplateKey): string {
  return `${protocol} ${family} ${client} ${virtual} ${virtualPort} ${callId ?? ''}`;
}

/** The template there is, if its destination may still be used. One that may not is invalid from now on. */
export function findTemplate(memory: Memory, key: TemplateKey, now: number): Template | undefined {
  const template = memory.templates.get(templateKey(key));
  if (!template || endTemplateIfOver(memory, template, now)) return undefined;
  const { available, config } = template.destination;
  const isQuiesced = config.weight === 0 && memory.sysctls.expire_quiescent_template !== 0;
  if (available && !isQuiesced) return template;
  invalidateTemplate(memory, template);
  return undefined;
}

export function createTemplate(
  memory: Memory,
  key: TemplateKey,
  destination: Destination,
  serverPort: number,
  timeoutMs: number,
  now: number,
): Template {
  const template: Template = {
    ...key,
    key: templateKey(key),
    destination,
    serverPort,
    assured: false,
    controlled: 0,
    lastSeen: now,
    timeoutMs,
    ended: false,
  };
  memory.templates.set(template.key, template);
  bindTemplate(destination);
  return template;
}

/** Listed until its end, but under a key that nobody looks for. */
function invalidateTemplate(memory: Memory, template: Template): void {
  memory.templates.delete(template.key);
  template.virtualPort = invalidPort;
  template.serverPort = invalidPort;
  template.key = `invalid ${++memory.invalidated}`;
  memory.templates.set(template.key, template);
}

/** Whether the template is over, in which case it goes. */
export function endTemplateIfOver(memory: Memory, template: Template, now: number): boolean {
  if (now <= deadlineOf(template)) return false;
  if (template.controlled === 0) {
    endTemplate(memory, template);
    return true;
  }
  template.lastSeen = now;
  template.timeoutMs = controlledTimeoutMs;
  return false;
}

export function endTemplate(memory: Memory, template: Template): void {
  if (template.ended) return;
  template.ended = true;
  memory.templates.delete(template.key);
  unbindTemplate(template.destination);
}

export function useTemplate(template: Template, now: number): void {
  template.lastSeen = now;
}

export function retainTemplate(template: Template): void {
  template.controlled++;
}

export function releaseTemplate(template: Template): void {
  template.controlled--;
}

/** One of its connections was established. */
export function assureTemplate(template: Template): void {
  template.assured = true;
}
