/**
 * wrr: IPVS's interleaved weighted round robin (ip_vs_wrr.c). A threshold runs down from the highest weight in steps
 * of the weights' greatest common divisor; a pass over the list at one threshold chooses every destination that
 * weighs as much. As bpf/lib/schedule/wrr.h.
 */

import { maxWeightOf, weightGcd } from '../../../ipvs/weights.ts';
import type { Destination, Service } from '../memory.ts';
import { eligibleOf } from './eligible.ts';

export function scheduleWrr(service: Service): Destination | undefined {
  const { scheduling } = service;
  const { ceiling, step } = scaleOf(service);
  const eligible = eligibleOf(service);
  const heaviest = maxWeightOf(eligible.map(({ config }) => config.weight));
  if (heaviest === 0) return undefined;
  const first = scheduling.threshold === 0 || scheduling.threshold > ceiling ? ceiling : scheduling.threshold;
  const next = first > step ? first - step : ceiling;
  // Every pass down to the heaviest eligible destination would find nobody.
  const last = next > heaviest ? next - Math.ceil((next - heaviest) / step) * step : next;
  const passedBy = scheduling.last;
  const inThisPass = eligible.find(
    ({ config, sequence }) => config.weight >= first && (passedBy === 0 || sequence < passedBy),
  );
  const chosen = inThisPass ?? eligible.find(({ config }) => config.weight >= last);
  if (!chosen) return undefined;
  scheduling.threshold = inThisPass ? first : last;
  scheduling.last = chosen.sequence;
  return chosen;
}

/** The threshold stays where it still fits, on a step of the new divisor; the pass begins anew at the head. */
export function fitWrr(service: Service): void {
  const { scheduling } = service;
  const { ceiling, step } = scaleOf(service);
  const { threshold } = scheduling;
  scheduling.last = 0;
  if (threshold === 0 || threshold > ceiling) scheduling.threshold = ceiling;
  else if (step > 1) scheduling.threshold = Math.floor(threshold / step) * step + 1;
}

/** The highest threshold, and the distance to the next. */
function scaleOf({ destinations }: Service) {
  const weights = destinations.map(({ config }) => config.weight);
  const step = weightGcd(weights);
  return { step, ceiling: Math.max(0, maxWeightOf(weights) - (step - 1)) };
}
