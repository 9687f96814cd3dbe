/** Whose files `fairlead import` reads. */

export const sourceFormats = ['ipvsadm', 'keepalived', 'ldirectord'] as const;
export type SourceFormat = (typeof sourceFormats)[number];
