// How `npm run docs` writes docs/api: one page for each entry of the package.
const entries = ['index', 'stun', 'sdp', 'agent', 'browser', 'node'];
const entryName = (page) => (page === 'index' ? 'icelens' : `icelens/${page}`);

/** @type {Partial<import('typedoc').TypeDocOptions> & Partial<import('typedoc-plugin-markdown').PluginOptions>} */
export default {
  name: 'icelens',
  entryPoints: entries.map((name) => `src/${name}.ts`),
  tsconfig: 'tsconfig.json',
  plugin: ['typedoc-plugin-markdown'],
  out: '../docs/api',
  readme: 'none',
  // Types are checked by the build, which also makes what `#glue/*` stands for.
  skipErrorChecking: true,
  excludeInternal: true,
  excludePrivate: true,
  excludeExternals: true,
  disableSources: true,
  githubPages: false,
  sort: ['kind', 'instance-first', 'source-order'],
  // A member without a comment, a type that is referred to and not exported, and a dead link are reported.
  validation: { notDocumented: true, notExported: true, invalidLink: true },

  outputFileStrategy: 'modules',
  pageTitleTemplates: { index: 'API of icelens', module: ({ name }) => entryName(name) },
  hidePageHeader: true,
  hideBreadcrumbs: true,
  useCodeBlocks: true,
  parametersFormat: 'table',
  interfacePropertiesFormat: 'table',
  typeDeclarationFormat: 'table',
  typeAliasPropertiesFormat: 'table',
  enumMembersFormat: 'table',
};
