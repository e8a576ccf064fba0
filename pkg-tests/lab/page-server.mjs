/** A static server for the page of the lab: the built package, as a browser without a bundler loads it. */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const entry = fileURLToPath(import.meta.resolve('icelens/browser'));
const folder = dirname(entry);
const page = `<!doctype html><meta charset="utf-8"><title>icelens lab</title>
<script type="module">
globalThis.ready = import('./${entry.slice(folder.length + 1)}').then((icelens) => { globalThis.icelens = icelens; });
</script>`;
const types = { js: 'text/javascript', wasm: 'application/wasm' };

const server = createServer(async (request, response) => {
  const name = /^\/([\w.-]+)$/.exec(request.url)?.[1];
  if (name === undefined) return response.setHeader('content-type', 'text/html').end(page);
  try {
    const body = await readFile(join(folder, name));
    response.setHeader('content-type', types[name.split('.').at(-1)] ?? 'text/plain').end(body);
  } catch {
    response.writeHead(404).end();
  }
});
server.listen(8080, '127.0.0.1', () => console.log('ready'));
