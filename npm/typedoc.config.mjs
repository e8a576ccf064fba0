// How `npm run docs` writes docs/api: one page for each entry of the package.
import { Converter, ReflectionKind } from 'typedoc';
import { bundles } from '../scripts/lib/builds.mjs';

/** Entries that users import; `slim` has the names of `index`. */
const entries = [...new Set(Object.values(bundles).flatMap((bundle) => bundle.entries))].filter(
  (name) => name !== 'slim' && !name.startsWith('cli/'),
);
const entryName = (page) => (page === 'index' ? 'icelens' : `icelens/${page}`);

/** The object literals within a type: those of a list, or of a union such as `{ … } | null`. */
function literalsIn(type) {
  if (type?.type === 'array') return literalsIn(type.elementType);
  if (type?.type === 'typeOperator') return literalsIn(type.target);
  if (type?.type === 'union') return type.types.flatMap(literalsIn);
  return type?.type === 'reflection' ? [type.declaration] : [];
}

const text = (words) => ({ kind: 'text', text: words });

/** Lists the comments of a union's members below the union's own. */
function listUnion({ type, comment }) {
  type?.elementSummaries?.forEach((summary, index) => {
    comment?.summary.push(text(`\n- \`${type.types[index]}\`: `), ...summary);
  });
}

/** Puts the comments of an object's members behind the comment of the property it is the type of. */
function listMembers({ type, comment, name }) {
  if (type?.type === 'reflection') return;
  for (const member of literalsIn(type).flatMap(({ children = [] }) => children)) {
    comment?.summary.push(text(`<br />\`${name}.${member.name}\`: `), ...(member.comment?.summary ?? []));
    listMembers({ type: member.type, comment, name: `${name}.${member.name}` });
  }
}

/** Comments that typedoc-plugin-markdown leaves out. */
function withAllComments(app) {
  app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => {
    project.getReflectionsByKind(ReflectionKind.TypeAlias).forEach(listUnion);
    project.getReflectionsByKind(ReflectionKind.Property).forEach(listMembers);
  });
}

/** @type {Partial<import('typedoc').TypeDocOptions> & Partial<import('typedoc-plugin-markdown').PluginOptions>} */
export default {
  name: 'icelens',
  entryPoints: entries.map((name) => `src/${name}.ts`),
  tsconfig: 'tsconfig.json',
  plugin: ['typedoc-plugin-markdown', withAllComments],
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
  // A member without a comment, a type that is referred to and not exported, and a dead link are errors.
  validation: { notDocumented: true, notExported: true, invalidLink: true },
  treatWarningsAsErrors: true,
  // The table of sentences, whose keys are the codes.
  intentionallyNotExported: ['src/scan/advice-text.ts:sentences'],

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
