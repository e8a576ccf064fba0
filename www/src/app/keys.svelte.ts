import { untrack } from 'svelte';
import type { Key } from '../i18n/index.svelte';
import { settings } from './settings.svelte';

/** One key and what it does. The `?` list, the status bar and the dispatcher all read this. */
export interface KeyBinding {
  /** `KeyboardEvent.key` values, any of which acts; letters in lower case. `Mod` binding: Ctrl or Cmd. */
  keys: readonly string[];
  /** How the keys are drawn, one cap each; the keys themselves unless given. */
  caps?: readonly string[];
  mod?: boolean;
  does: Key;
  /** Shown in the status bar too. */
  hint?: boolean;
  /** Returns false when it had nothing to do, so that the key keeps its own meaning. Absent for keys a widget handles itself. */
  run?: (event: KeyboardEvent) => unknown;
}

let general = $state.raw<readonly KeyBinding[]>([]);
let view = $state.raw<readonly KeyBinding[]>([]);
let more = $state.raw<readonly KeyBinding[]>([]);

export const bindings = {
  get general() {
    return general;
  },
  get view() {
    return [...view, ...more];
  },
};

export function setGeneralKeys(list: readonly KeyBinding[]) {
  general = list;
}

/** Called by a view in an effect; the returned function takes its keys away. */
export function useKeys(list: readonly KeyBinding[]): () => void {
  view = list;
  return () => {
    if (view === list) view = [];
  };
}

/** Keys of a part of a view, beside its own; the returned function takes them away. */
export function addKeys(list: readonly KeyBinding[]): () => void {
  more = [...untrack(() => more), ...list];
  return () => {
    more = more.filter((binding) => !list.includes(binding));
  };
}

function typing(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !['checkbox', 'radio', 'button', 'range'].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || target.isContentEditable;
}

/** Whether the event's key is a printable one, which must not act while typing or when switched off. */
function printable(event: KeyboardEvent): boolean {
  return event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey;
}

export function dispatchKey(event: KeyboardEvent) {
  if (event.defaultPrevented || event.isComposing) return;
  if (printable(event) && (typing(event.target) || (!settings.letters && event.key !== '?'))) return;
  const mod = event.ctrlKey || event.metaKey;
  // Arrows move the caret of a field, and choose in a list.
  if (!mod && event.key.startsWith('Arrow') && typing(event.target)) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  for (const binding of [...view, ...more, ...general]) {
    if (!binding.run || (binding.mod ?? false) !== mod || event.altKey) continue;
    if (!binding.keys.includes(key)) continue;
    if (binding.run(event) === false) continue;
    event.preventDefault();
    return;
  }
}
