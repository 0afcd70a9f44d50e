/** src/model/mail-yaml.generated.ts: the schema as TypeScript types, readonly throughout. */

export function mailYamlTypes(schema) {
  const objects = Object.entries(schema.$defs).filter(([, node]) => node.properties);
  const interfaces = [['MailYaml', schema], ...objects.map(([name, node]) => [typeName(name), node])];
  return [
    '/** What mail.yaml may hold. Generated from schema/mail.schema.json; do not edit. */\n',
    ...interfaces.map(
      ([name, node]) =>
        `\n/** ${node.description} */\nexport interface ${name} ${object(schema, node, '')}\n`,
    ),
  ].join('');
}

function object(schema, node, indent) {
  const fields = Object.entries(node.properties).map(([name, property]) => {
    const optional = node.required?.includes(name) ? '' : '?';
    return `${indent}  readonly ${name}${optional}: ${type(schema, property, `${indent}  `)};\n`;
  });
  return `{\n${fields.join('')}${indent}}`;
}

function type(schema, node, indent) {
  if (node.$ref) {
    const name = node.$ref.split('/').pop();
    const target = schema.$defs[name];
    if (!target.properties) return type(schema, target, indent);
    return [target.type].flat().includes('null') ? `${typeName(name)} | null` : typeName(name);
  }
  if (node.enum) return node.enum.map(literal).join(' | ');
  if (node.const !== undefined) return literal(node.const);
  return [node.type]
    .flat()
    .map((name) => one(schema, node, name, indent))
    .join(' | ');
}

function one(schema, node, name, indent) {
  switch (name) {
    case 'integer':
      return 'number';
    case 'boolean':
      // Beside another type, the schema's `then` allows `false` only.
      return node.then?.const === false ? 'false' : 'boolean';
    case 'array':
      return `readonly ${parenthesised(type(schema, node.items, indent))}[]`;
    case 'object':
      if (node.properties) return object(schema, node, indent);
      return `Readonly<Record<string, ${type(schema, node.additionalProperties, indent)}>>`;
    default:
      return name;
  }
}

function parenthesised(text) {
  return text.includes(' | ') ? `(${text})` : text;
}

function literal(value) {
  return typeof value === 'string' ? `'${value}'` : String(value);
}

function typeName(name) {
  return `Written${name[0].toUpperCase()}${name.slice(1)}`;
}
