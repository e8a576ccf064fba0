/** The page's one polite live region: what is said, at most once a second; later words replace earlier ones. */

const GAP = 1000;
let spoken = $state('');
let waiting: string | null = null;
let timer: ReturnType<typeof setTimeout> | null = null;

function speak() {
  timer = null;
  if (waiting === null) return;
  spoken = waiting;
  waiting = null;
  timer = setTimeout(speak, GAP);
}

export function announce(text: string) {
  waiting = text;
  if (timer === null) speak();
}

export function announced(): string {
  return spoken;
}
