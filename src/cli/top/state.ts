/** What a person has asked `fairlead top` for, and how a key changes it. Pure. */

import type { Figures } from './sample.ts';

export const sortKeys = ['connections', 'packets', 'bytes', 'active', 'inactive', 'name'] as const;
export type SortKey = 'name' | keyof Figures;

export type State = {
  readonly sort: SortKey;
  /** The smallest first; of names the last. */
  readonly reversed: boolean;
  /** Services whose name has this in it, and those with such a real server. */
  readonly filter: string;
  /** The filter as it was before it is being typed anew. */
  readonly editing: string | undefined;
  readonly paused: boolean;
  /** Names of services whose real servers are shown. */
  readonly opened: ReadonlySet<string>;
  readonly allOpened: boolean;
  /** Place of the selected line among those that the filter lets through. */
  readonly selected: number;
  readonly help: boolean;
  readonly seconds: number;
  readonly isOver: boolean;
};

export const firstState: State = {
  sort: 'connections',
  reversed: false,
  filter: '',
  editing: undefined,
  paused: false,
  opened: new Set(),
  allOpened: false,
  selected: 0,
  help: false,
  seconds: 2,
  isOver: false,
};

/** What the lines on the screen are when a key is pressed. */
export type Scene = {
  /** The services of the lines, from the first to the last. */
  readonly services: readonly string[];
  /** Lines that fit on the screen. */
  readonly page: number;
};

export const shortestSeconds = 0.5;
export const longestSeconds = 60;

/** `key`: a character, or a name of keys.ts. */
export function pressed(state: State, key: string, scene: Scene): State {
  if (key === 'ctrl-c') return { ...state, isOver: true };
  if (state.editing !== undefined) return typed(state, state.editing, key);
  if (state.help) return { ...state, help: false, isOver: key === 'q' };
  const { services, page } = scene;
  const select = (selected: number): State => ({
    ...state,
    selected: Math.max(0, Math.min(selected, services.length - 1)),
  });
  switch (key) {
    case 'q':
      return { ...state, isOver: true };
    case 'h':
    case '?':
      return { ...state, help: true };
    case 's':
    case 'S':
      return { ...state, sort: nextSort(state.sort, key === 's' ? 1 : -1) };
    case 'r':
      return { ...state, reversed: !state.reversed };
    case 'p':
    case ' ':
      return { ...state, paused: !state.paused };
    case '/':
      return { ...state, editing: state.filter };
    case 'escape':
      return { ...state, filter: '', selected: 0 };
    case 'e':
      return { ...state, allOpened: !state.allOpened, opened: new Set() };
    case 'enter':
      return opened(state, services[state.selected]);
    case '+':
      return { ...state, seconds: Math.min(longestSeconds, state.seconds * 2) };
    case '-':
      return { ...state, seconds: Math.max(shortestSeconds, state.seconds / 2) };
    case 'up':
    case 'k':
      return select(state.selected - 1);
    case 'down':
    case 'j':
      return select(state.selected + 1);
    case 'page-up':
      return select(state.selected - page);
    case 'page-down':
      return select(state.selected + page);
    case 'home':
      return select(0);
    case 'end':
      return select(services.length - 1);
    default:
      return state;
  }
}

/** A key while the filter is being typed. What it was before comes back with Escape. */
function typed(state: State, before: string, key: string): State {
  switch (key) {
    case 'enter':
      return { ...state, editing: undefined };
    case 'escape':
      return { ...state, editing: undefined, filter: before };
    case 'backspace':
      return { ...state, filter: state.filter.slice(0, -1), selected: 0 };
    default:
      return key.length === 1 ? { ...state, filter: state.filter + key, selected: 0 } : state;
  }
}

function opened(state: State, service: string | undefined): State {
  if (service === undefined || state.allOpened) return state;
  const names = new Set(state.opened);
  if (!names.delete(service)) names.add(service);
  return { ...state, opened: names };
}

function nextSort(sort: SortKey, step: 1 | -1): SortKey {
  const at = sortKeys.indexOf(sort) + step;
  return sortKeys[(at + sortKeys.length) % sortKeys.length] ?? 'connections';
}
