/** Which tab of each group is open, and how a pane that may be behind a closed tab is brought into sight. */
import { tick } from 'svelte';

/** A tab and the ids of the panes in it. */
export interface TabPanes {
  id: string;
  panes: readonly string[];
}

const open = $state<Record<string, string>>({});
const groups = new Map<string, readonly TabPanes[]>();

/** Id of the open tab of a group; the first unless another was chosen and is still there. */
export function openTab(group: string, tabs: readonly TabPanes[]): string {
  return (tabs.find(({ id }) => id === open[group]) ?? tabs[0])?.id ?? '';
}

export function chooseTab(group: string, id: string) {
  open[group] = id;
}

/** Called by a group in an effect; the returned function takes it away. */
export function useTabs(group: string, tabs: readonly TabPanes[]): () => void {
  groups.set(group, tabs);
  return () => groups.delete(group);
}

/** Opens the tab a pane is behind, scrolls to the pane and focuses it. */
export async function revealPane(pane: string): Promise<HTMLElement | null> {
  for (const [group, tabs] of groups) {
    const tab = tabs.find(({ panes }) => panes.includes(pane));
    if (tab) chooseTab(group, tab.id);
  }
  await tick();
  const element = document.getElementById(pane);
  element?.scrollIntoView({ block: 'nearest' });
  element?.focus({ preventScroll: true });
  return element;
}
