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
        take(Object.values(bundle).find((it) => it.type === 'chunk' && it.facadeModuleId?.endsWith('/src/frame.ts')));
        const scripts = [...chunks.values()].filter(({ isEntry }) => !isEntry);
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
  },
  test: { include: ['tests/unit/**/*.test.ts'], environment: 'node', setupFiles: ['tests/unit/setup.ts'] },
});
