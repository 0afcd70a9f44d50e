/**
 * Templates as code, and the type of the view that each one needs, read off its own syntax tree. Handlebars
 * is silent about a name that is missing from an `{{#if}}`; the type checker is not.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Handlebars from 'handlebars';

const options = {
  strict: true,
  noEscape: true,
  preventIndent: true,
  knownHelpers: { if: true, unless: true, each: true },
  knownHelpersOnly: true,
};

/** Every renderers/NAME/templates/FILE.hbs, named NAME/FILE. */
export function compileTemplates(renderers) {
  const templates = templateFiles(renderers).map(({ name, path }) => {
    const source = readFileSync(path, 'utf8');
    const syntax = /^\{\{!-- syntax: ([a-z]+) --\}\}\n/.exec(source);
    if (syntax === null) throw new Error(`${path}: the first line must read {{!-- syntax: NAME --}}`);
    const body = source.slice(syntax[0].length);
    const view = scope();
    walk(Handlebars.parse(body).body, [view], path);
    return { name, code: Handlebars.precompile(body, options), type: printScope(view, syntax[1], '  ') };
  });
  const lines = templates.map(({ name, code }) => `  ${JSON.stringify(name)}: ${code},\n`);
  const types = templates.map(({ name, type }) => `  readonly ${JSON.stringify(name)}: ${type};\n`);
  return {
    code: `// Generated from renderers/*/templates.\nexport const templates = {\n${lines.join('')}};\n`,
    types: `// Generated from renderers/*/templates.
import type { Escaped } from '../render/escaped.ts';

export interface TemplateViews {
${types.join('')}}

/** Precompiled, for Handlebars.template. */
export declare const templates: Readonly<Record<keyof TemplateViews, object>>;
`,
  };
}

function templateFiles(renderers) {
  const files = [];
  for (const renderer of directories(renderers)) {
    const folder = join(renderers, renderer, 'templates');
    for (const file of filesOf(folder)) {
      if (file.endsWith('.hbs'))
        files.push({ name: `${renderer}/${file.slice(0, -4)}`, path: join(folder, file) });
    }
  }
  return files.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function directories(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
}

function filesOf(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** What a template says of one object: its fields, and whether it is printed itself (`{{this}}`). */
function scope() {
  return { fields: new Map(), printed: false, tested: false, list: null };
}

function walk(statements, scopes, path) {
  for (const statement of statements) {
    if (statement.type === 'MustacheStatement') {
      if (statement.path.data) continue;
      if (statement.params.length > 0)
        throw fault(path, statement, 'helpers with arguments are not for templates');
      lookup(statement.path, scopes, path, statement).printed = true;
    } else if (statement.type === 'BlockStatement') {
      walkBlock(statement, scopes, path);
    } else if (statement.type !== 'ContentStatement' && statement.type !== 'CommentStatement') {
      throw fault(path, statement, `${statement.type} is not for templates`);
    }
  }
}

function walkBlock(statement, scopes, path) {
  const [parameter] = statement.params;
  const helper = statement.path.original;
  const inverse = statement.inverse?.body ?? [];
  if (helper === 'each') {
    const target = lookup(parameter, scopes, path, statement);
    target.list ??= scope();
    walk(statement.program.body, [...scopes, target.list], path);
    walk(inverse, scopes, path);
  } else if (helper === 'if' || helper === 'unless') {
    if (!parameter.data) lookup(parameter, scopes, path, statement).tested = true;
    walk(statement.program.body, scopes, path);
    walk(inverse, scopes, path);
  } else {
    throw fault(path, statement, `#${helper} is not for templates: use if, unless or each`);
  }
}

function lookup(expression, scopes, path, statement) {
  if (expression.type !== 'PathExpression') throw fault(path, statement, 'literals are not for templates');
  let current = scopes[scopes.length - 1 - expression.depth];
  if (current === undefined) throw fault(path, statement, 'there are not that many parents');
  for (const part of expression.parts) {
    if (!current.fields.has(part)) current.fields.set(part, scope());
    current = current.fields.get(part);
  }
  return current;
}

function printScope(node, syntax, indent) {
  if (node.list !== null) return `readonly (${printScope(node.list, syntax, indent)})[]`;
  if (node.fields.size > 0) {
    const fields = [...node.fields].sort(([a], [b]) => (a < b ? -1 : 1));
    const lines = fields.map(
      ([name, child]) => `${indent}  readonly ${name}: ${printScope(child, syntax, `${indent}  `)};\n`,
    );
    return `{\n${lines.join('')}${indent}}${node.tested ? ' | null' : ''}`;
  }
  const leaf = `Escaped<'${syntax}'>`;
  if (node.printed) return node.tested ? `${leaf} | null` : leaf;
  return node.tested ? 'boolean' : 'Readonly<Record<string, never>>';
}

function fault(path, statement, message) {
  return new Error(`${path}:${statement.loc.start.line}: ${message}`);
}
