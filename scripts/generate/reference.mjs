/** docs/reference.md: the language, from the descriptions in the schema. */

export function referencePage(schema) {
  const lines = [
    '# The language of mail.yaml',
    '',
    'Generated from `schema/mail.schema.json`; do not edit.',
    '',
    schema.description,
    '',
    'Sizes are binary: 1 KB is 1024 bytes. Addresses and domains are compared without regard to case, after',
    'Unicode normalisation (NFC) and with domains in their ASCII form (IDNA). A field left out means its',
    'default, never "keep what is there".',
    '',
  ];
  const pending = [];
  section(lines, pending, schema, schema, 'Top level', 2);
  const done = new Set();
  while (pending.length > 0) {
    const { title, node, key } = pending.shift();
    if (done.has(key)) continue;
    done.add(key);
    section(lines, pending, schema, node, title, 2);
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

function section(lines, pending, schema, node, title, level) {
  lines.push(`${'#'.repeat(level)} ${title}`, '');
  if (title !== 'Top level' && node.description) lines.push(node.description, '');
  for (const [name, written] of Object.entries(node.properties)) {
    const property = follow(schema, written);
    const required = node.required?.includes(name) ? ', required' : '';
    lines.push(
      `- **\`${name}\`** (${typeOf(schema, property)}${required}): ${property.description}${defaultOf(property)}`,
    );
    const example = (property.examples ?? [])[0];
    if (example !== undefined) lines.push(`  Example: \`${flow(example)}\`.`);
    const object = objectOf(schema, property);
    if (object) pending.push({ ...object, title: object.title(name) });
  }
  lines.push('');
}

/** The object that a property holds, or that each value of it holds. */
function objectOf(schema, property) {
  if (property.properties) return { node: property, key: property, title: (name) => `\`${name}\`` };
  const values = property.additionalProperties && follow(schema, property.additionalProperties);
  if (values?.properties)
    return { node: values, key: values.properties, title: (name) => `Each of \`${name}\`` };
  const items = property.items && follow(schema, property.items);
  if (items?.properties)
    return { node: items, key: items.properties, title: (name) => `Each of \`${name}\`` };
  return null;
}

function follow(schema, node) {
  if (!node.$ref) return node;
  const target = schema.$defs[node.$ref.split('/').pop()];
  return { ...target, ...node };
}

function typeOf(schema, node) {
  if (node.enum) return node.enum.map((value) => `\`${value}\``).join(', ');
  if (node.const !== undefined) return `\`${node.const}\``;
  if (node.title) return node.title;
  if (node.type === 'array') return `list of ${typeOf(schema, follow(schema, node.items))}`;
  if (node.type === 'object' && node.additionalProperties) return 'map';
  const types = [node.type].flat().filter((type) => type !== 'null');
  return types.map((type) => (type === 'boolean' && types.length > 1 ? '`false`' : type)).join(' or ');
}

function defaultOf(node) {
  return node.default === undefined || /Default: /.test(node.description)
    ? ''
    : ` Default: \`${flow(node.default)}\`.`;
}

/** A value as one line of YAML. */
function flow(value) {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`;
  if (value !== null && typeof value === 'object') {
    return `{ ${Object.entries(value)
      .map(([key, child]) => `${key}: ${flow(child)}`)
      .join(', ')} }`;
  }
  return typeof value === 'string' &&
    /[:#[\]{}$&*!|>'"%@`,]|^$/.test(value) &&
    !/^[\w.+-]+@[\w.-]+$/.test(value)
    ? JSON.stringify(value)
    : String(value);
}
