// The table as Markdown.

const cellText = (cell, note) => {
  if (cell === undefined) return '';
  if (cell.why) return `– ${note(cell.why)}`;
  if (cell.fault) return `✗ ${note(cell.fault)}`;
  if (cell.error) return `✗ ${note(cell.error)}`;
  const remark = cell.note ? ` ${note(cell.note)}` : '';
  return `✓ ${(cell.took / 1000).toFixed(1)} s${remark}`;
};

/** Reasons as numbered notes: a row stays a row. */
class Notes {
  texts = [];

  number(text) {
    if (!this.texts.includes(text)) this.texts.push(text);
    return `(${this.texts.indexOf(text) + 1})`;
  }
}

function row(cells) {
  return `| ${cells.join(' | ')} |`;
}

/** `results`: by name of the peer, its version and its cells by name of the condition. */
export function table(conditions, results) {
  const notes = new Notes();
  const names = [...results.keys()];
  const head = ['icelens with', ...names.map((name) => `${name} ${results.get(name).version ?? ''}`.trim())];
  const rows = conditions.map(({ name }) =>
    row([name, ...names.map((peer) => cellText(results.get(peer).cells[name], (text) => notes.number(text)))]),
  );
  const numbered = notes.texts.map((text, at) => `${at + 1}. ${text}`);
  return [row(head), row(head.map(() => '---')), ...rows, '', ...numbered].join('\n');
}

/** Cells that were run, those that went right, those with a known fault of the peer, and those that could not be run. */
export function count(results) {
  const cells = [...results.values()].flatMap(({ cells }) => Object.values(cells));
  const ran = cells.filter((cell) => !cell.why);
  const failed = ran.filter((cell) => cell.error);
  return {
    run: ran.length,
    right: ran.length - failed.length,
    faults: failed.filter((cell) => cell.fault).length,
    not: cells.length - ran.length,
  };
}
