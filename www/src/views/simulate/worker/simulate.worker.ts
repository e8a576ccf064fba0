/** The simulating thread: runs a scenario, the matrix or a population, so that the page stays free. */

import { relayBandwidth, Simulation, simulatePopulation, traversalMatrix } from 'icelens';
import type { Entry } from '../model/types';
import type { Answers, Ask, Cell, Reply } from './protocol';

const post = (reply: Reply) => postMessage(reply);

addEventListener('message', async ({ data }: MessageEvent<{ id: number; ask: Ask }>) => {
  const { id, ask } = data;
  try {
    post({ id, kind: 'done', value: await answer(ask, (done) => post({ id, kind: 'progress', done })) });
  } catch (error) {
    post({ id, kind: 'failed', detail: error instanceof Error ? error.message : String(error) });
  }
});

async function answer(ask: Ask, onProgress: (done: number) => void): Promise<Answers[Ask['kind']]> {
  const began = performance.now();
  if (ask.kind === 'run') {
    const simulation = new Simulation(ask.scenario);
    const { outcome, elapsed, packets, why } = simulation.run();
    const trace = simulation.trace as readonly unknown[] as Entry[];
    simulation.free();
    return { trace, result: { outcome, elapsed, packets, why } };
  }
  if (ask.kind === 'matrix') {
    const { cells } = traversalMatrix(ask.options);
    const plain = ({ outcome, elapsed, packets, why }: Cell): Cell => ({ outcome, elapsed, packets, why });
    return { cells: cells.map((row) => row.map(plain)), took: performance.now() - began };
  }
  const { relay, ...options } = ask.options;
  const found = await simulatePopulation({ ...options, turn: relay ? ['udp'] : [], onProgress } as never);
  const bandwidth = relayBandwidth(found, { concurrent: ask.concurrent, mediaKbps: ask.mediaKbps });
  const { direct, relayed, failed, byKinds, timeToConnect } = found;
  return { direct, relayed, failed, byKinds, timeToConnect, bandwidth, took: performance.now() - began };
}
