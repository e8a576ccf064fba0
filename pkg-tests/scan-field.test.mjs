// Texts that people had when they asked for help in public, addresses and names replaced, each with its right reading: by
// the library, and by the command in its JSON and its exit code.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { analyze, inferNat, parseSdp } from 'icelens';
import { spawn } from './lib/ends.mjs';
import { once } from './lib/limited.mjs';

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const folder = path('../tests/fixtures/field/');
const captures = path('../tests/fixtures/field-captures/');
const command = path('../node_modules/icelens/bin/icelens.js');
const expected = JSON.parse(readFileSync(path('fixtures/field.json'), 'utf8'));

const side = ({ side }) => (side === null ? '' : `${side} `);

/** A finding in a few words, with the diagnostics that are not notes. */
function findingLine(finding) {
  const { kind, line } = finding;
  const where = finding.packet === null ? `${line}` : `packet ${finding.packet.number}`;
  const wrong = (finding.diagnostics ?? []).filter(({ severity }) => severity !== 'info');
  const codes = wrong.map(({ code, line }) => ` ${code}@${line}`).join('');
  return `${where} ${side(finding)}${kind} ${summary(finding)}${codes}`;
}

function summary(finding) {
  const { kind, value } = finding;
  if (kind === 'sdp') {
    const candidates = value.media.reduce((sum, section) => sum + section.candidates.length, 0);
    return `${finding.type ?? (finding.fragment ? 'fragment' : '?')} ${value.media.length} sections ${candidates} candidates`;
  }
  if (kind === 'candidate') {
    const { sdpMid, sdpMLineIndex } = finding.attribution;
    return `${finding.text} [${sdpMid ?? '-'} ${sdpMLineIndex ?? '-'}]`;
  }
  if (kind === 'stun') return value === null ? 'unreadable' : `${value.method} ${value.class}${attributes(value)}`;
  return value.startLine ?? '';
}

const shown = (value) =>
  typeof value === 'object' && value !== null && 'address' in value ? `${value.address}:${value.port}` : '';

function attributes({ attributes }) {
  const parts = attributes.map(({ name, value }) => ` ${name}${shown(value) && ` ${shown(value)}`}`);
  return parts.join('');
}

/** An analysis as lines. */
function reading({ format, findings, sessions, logs, dump, capture, advice }) {
  const lines = format === 'text' ? [] : [format];
  lines.push(...findings.slice(0, 30).map(findingLine));
  for (const { offerer, answerer } of sessions) {
    const agents = [offerer, answerer].map((agent) => `${agent.side ?? '?'} ${agent.candidates.length}`);
    lines.push(`session ${agents.join(', ')}`);
  }
  for (const { family, pairs, candidates, state } of logs) {
    lines.push(`log ${family} ${pairs.length} pairs ${candidates.length} candidates ${state?.value ?? '-'}`);
    for (const one of candidates) lines.push(`  ${side(one)}${one.type} ${one.address}:${one.port}`);
    for (const { local, remote, states } of pairs)
      lines.push(`  ${local} ${remote} ${states.map(({ value }) => value).join(' ')}`);
  }
  for (const { id, pairs } of dump?.connections ?? []) {
    lines.push(`connection ${id}`);
    for (const { local, remote, states, requestsSent, responsesReceived } of pairs) {
      const ends = [local, remote].map((end) => `${end.type} ${end.address}:${end.port}`);
      lines.push(`  ${ends.join(' ')} ${states.at(-1)?.value} ${requestsSent}/${responsesReceived}`);
    }
  }
  if (capture !== null) {
    const answered = capture.transactions.filter(({ response }) => response !== null).length;
    lines.push(`${capture.transactions.length} transactions ${answered} answered`);
  }
  const told = advice.filter(({ severity }) => severity !== 'info');
  return [...lines, ...told.map(({ severity, code }) => `${severity} ${code}`)];
}

async function run(file) {
  const child = spawn(process.execPath, [command, 'scan', '--json', file]);
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (part) => {
    output += part;
  });
  child.stderr.resume();
  const [code] = await once(child, 'close');
  return { code, report: JSON.parse(output) };
}

const isObservations = (name) => /^N\d\d\.json$/.test(name);
const inputs = [folder, captures].flatMap((place) => readdirSync(place).map((name) => [name, place + name]));

for (const [name, file] of inputs.filter(([name]) => !isObservations(name))) {
  test(name, async () => {
    const { lines, exit } = expected[name] ?? {};
    const analysis = await analyze(new Uint8Array(readFileSync(file)));
    assert.deepEqual(reading(analysis), lines);
    const { code, report } = await run(file);
    assert.equal(code, exit);
    assert.deepEqual(
      report.findings.map(({ kind, start, end, side }) => [kind, start, end, side]),
      analysis.findings.map(({ kind, start, end, side }) => [kind, start, end, side]),
    );
    assert.deepEqual(report.advice.map(({ code }) => code).sort(), analysis.advice.map(({ code }) => code).sort());
  });
}

const natReading = ({ paths }) =>
  paths.map(({ mapping, filtering, classic }) => `${mapping.value} / ${filtering.value} / ${classic}`);

for (const [name, file] of inputs.filter(([name]) => isObservations(name))) {
  test(name, () => {
    const report = inferNat(JSON.parse(readFileSync(file, 'utf8')));
    assert.deepEqual(natReading(report), expected[name]?.lines);
  });
}

test('text that is still escaped: one diagnostic, which says so', () => {
  const { diagnostics } = parseSdp(readFileSync(`${folder}S10.txt`, 'utf8'));
  assert.deepEqual(
    diagnostics.map(({ code, severity }) => [code, severity]),
    [['sdp.escaped', 'error']],
  );
});

test('no input without its reading', () => {
  assert.deepEqual(Object.keys(expected).sort(), inputs.map(([name]) => name).sort());
});
