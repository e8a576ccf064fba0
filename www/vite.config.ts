import { join } from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import type { HtmlTagDescriptor, Plugin, Rollup } from 'vite';
import { defineConfig } from 'vitest/config';

/** The frame and all that it needs stand in the HTML: a browser fetches them beside the first script, not after it. */
function preloadFrame(): Plugin {
  return {
    name: 'preload-frame',
    transformIndexHtml: {
      order: 'post',
      handler(_, { bundle = {} }) {
        const chunks = new Map<string, Rollup.OutputChunk>();
        const take = (chunk: Rollup.OutputAsset | Rollup.OutputChunk | undefined) => {
          if (chunk?.type !== 'chunk' || chunks.has(chunk.fileName)) return;
          chunks.set(chunk.fileName, chunk);
          for (const name of chunk.imports) take(bundle[name]);
        };
        take(Object.values(bundle).find(({ name }) => name === 'frame'));
        const entry = [...chunks.values()].find(({ isEntry }) => isEntry);
        // Vite names what the first script imports.
        const scripts = [...chunks.values()].filter((it) => it !== entry && !entry?.imports.includes(it.fileName));
        const sheets = new Set(scripts.flatMap(({ viteMetadata }) => [...(viteMetadata?.importedCss ?? [])]));
        const link = (rel: string, file: string): HtmlTagDescriptor => ({
          tag: 'link',
          attrs: { rel, crossorigin: '', href: `/${file}` },
          injectTo: 'head',
        });
        return [
          ...scripts.map(({ fileName }) => link('modulepreload', fileName)),
          ...[...sheets].map((file) => link('stylesheet', file)),
        ];
      },
    },
  };
}

const VIEWS = ['live', 'simulate', 'inspect', 'echo'];

type Graph = Pick<Rollup.PluginContext, 'getModuleInfo' | 'getModuleIds'>;

/** Modules by the file of `src` that needs them from its start, by itself or through others. */
function needed(graph: Graph, file: string): Set<string> {
  const all = new Set<string>();
  const take = (id: string) => {
    if (all.has(id)) return;
    all.add(id);
    graph.getModuleInfo(id)?.importedIds.forEach(take);
  };
  take(join(import.meta.dirname, 'src', file));
  return all;
}

/**
 * The file of the build that a module comes in. What is needed together is one file: over HTTP/1.1 a browser asks for six at a
 * time, and each waits for its way to the server and back. What only some need is apart by its `import()`.
 */
function fileOf(id: string, graph: Graph): string | null {
  // The start is a file as it is, and so is each part of the engine.
  if (needed(graph, 'start.ts').has(id) || /\/(?:pkg\/dist|www\/gen)\//.test(id)) return null;
  const views = VIEWS.filter((view) => needed(graph, `views/${view}/view.ts`).has(id));
  if (needed(graph, 'frame.ts').has(id) || views.length > 1) return 'frame';
  return views[0] ?? null;
}

export default defineConfig({
  plugins: [svelte(), preloadFrame()],
  // Modules, so that a thread fetches what it needs when it needs it.
  worker: { format: 'es' },
  build: {
    // light-dark() as written: Chrome 123, Firefox 120, Safari 17.5.
    target: ['chrome123', 'firefox128', 'safari17.5'],
    outDir: 'dist',
    emptyOutDir: true,
    // The wasm is inlined in the package; the warning's 500 kB would only name it.
    chunkSizeWarningLimit: 1500,
    rolldownOptions: {
      output: { codeSplitting: { includeDependenciesRecursively: false, groups: [{ name: fileOf }] } },
    },
  },
  test: {
    include: ['tests/unit/**/*.test.ts'],
    environment: 'node',
    setupFiles: ['tests/unit/setup.ts'],
    // Files share the modules that they import: loading these anew for each took two thirds of the time.
    pool: 'threads',
    isolate: false,
  },
});
