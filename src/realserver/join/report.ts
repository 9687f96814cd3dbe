/** What the engine has said, line by line. Pure. */

const outcomes = [
  ...['did', 'held', 'missing', 'undid', 'left', 'back', 'stuck', 'failed', 'absent', 'about'],
] as const;
export type Outcome =
  | 'did'
  | 'held'
  | 'missing'
  | 'undid'
  | 'left'
  | 'back'
  | 'stuck'
  | 'failed'
  | 'absent'
  | 'about';

export type Line = {
  readonly outcome: Outcome;
  /** The key of a step, or a sentence. */
  readonly what: string;
  readonly detail?: string;
};

/** Lines that are none of the engine's are left out. */
export function readReport(text: string): readonly Line[] {
  return text.split('\n').flatMap((line) => {
    const [word, what, ...details] = line.split('\t');
    const outcome = outcomes.find((known) => known === word);
    if (outcome === undefined || what === undefined) return [];
    const detail = details.join(' ').trim();
    return [{ outcome, what, ...(detail !== '' && { detail }) }];
  });
}
