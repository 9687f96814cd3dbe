/** Where a director stands: the interfaces of its namespace and the hooks on them. */

/** `auto` lets the director choose; the others are a person's order. */
export type HookMode = 'auto' | 'tc' | 'xdp' | 'off';
export const hookModes: readonly HookMode[] = ['auto', 'tc', 'xdp', 'off'];

export type InterfaceStatus = {
  readonly index: number;
  readonly name: string;
  readonly mode: HookMode;
  /** The hooks that carry the director on this interface now. */
  readonly hooks: readonly ('tc' | 'xdp')[];
  /** Why a hook one might expect is not there, in a few words. */
  readonly note?: string;
};
