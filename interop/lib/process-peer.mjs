// An agent in a process of its own, which takes and tells lines of JSON.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { Told } from './told.mjs';

export class ProcessPeer {
  told = new Told();
  #child;
  errors = '';

  constructor(command, args, env = {}) {
    this.#child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...env } });
    this.#child.on('error', (error) => this.told.end(error.message));
    this.#child.on('exit', (code, signal) =>
      this.told.end(`it ended (${signal ?? `code ${code}`}) ${this.#lastError()}`),
    );
    this.#child.stdin.on('error', () => {});
    this.#child.stderr.setEncoding('utf8').on('data', (text) => {
      this.errors = (this.errors + text).slice(-8000);
    });
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#take(line));
  }

  #take(line) {
    // A line that is no JSON object is a library's own output.
    if (!line.startsWith('{')) return;
    try {
      this.told.push(JSON.parse(line));
    } catch {
      this.told.end(`it printed what can't be read: ${line.slice(0, 80)}`);
    }
  }

  #lastError() {
    return this.errors.trim().split('\n').at(-1) ?? '';
  }

  give(message) {
    this.#child.stdin.write(`${JSON.stringify(message)}\n`);
  }

  async close() {
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null) return;
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGKILL');
    await gone;
  }
}
