/** The formats for programs: json, github and sarif. */
import { describe, expect, test } from 'vitest';
import { error, warning } from '../diagnostic.ts';
import { formatGithub } from './github.ts';
import { formatJson } from './json.ts';
import { formatSarif } from './sarif.ts';

const place = { file: 'users/ä b.yaml', line: 14, column: 21, endColumn: 24 };
const diagnostics = [
  error('value-invalid', place, 'it "must" be\u001b so', {
    hint: 'write it so',
    related: [{ message: 'and this', position: { ...place, line: 3 } }],
  }),
  warning('key-unknown', null, 'no file is to blame'),
];

describe('formatJson', () => {
  test('has a stable shape', () => {
    expect(JSON.parse(formatJson(diagnostics, 'infra/'))).toEqual({
      formatVersion: 1,
      diagnostics: [
        {
          code: 'value-invalid',
          severity: 'error',
          message: 'it "must" be\u001b so',
          hint: 'write it so',
          source: { file: 'infra/users/ä b.yaml', line: 14, column: 21, endColumn: 24 },
          related: [
            {
              message: 'and this',
              source: { file: 'infra/users/ä b.yaml', line: 3, column: 21, endColumn: 24 },
            },
          ],
        },
        {
          code: 'key-unknown',
          severity: 'warning',
          message: 'no file is to blame',
          hint: null,
          source: null,
          related: [],
        },
      ],
      summary: { errors: 1, warnings: 1 },
    });
  });

  test('is plain ASCII, which no terminal acts upon', () => {
    const hostile = error('value-invalid', null, 'ä\u009b31m\u202e\u007f😀\ud800');
    expect(formatJson([hostile])).toMatch(/^[\n -~]*$/);
    expect(JSON.parse(formatJson([hostile])).diagnostics[0].message).toBe(hostile.message);
  });
});

describe('formatGithub', () => {
  test('is one workflow command for each diagnostic', () => {
    expect(formatGithub(diagnostics, 'infra/')).toBe(
      [
        '::error file=infra/users/ä b.yaml,line=14,col=21,endColumn=24,title=value-invalid::' +
          'it "must" be<U+001B> so%0Ainfra/users/ä b.yaml:3: and this%0Ahint: write it so',
        '::warning title=key-unknown::no file is to blame',
        '',
      ].join('\n'),
    );
  });

  test('lets no text end its field, or begin a command', () => {
    const hostile = error(
      'value-invalid',
      { ...place, file: 'a,line=1::b%0A\n::c.yaml' },
      '100%\r\n::set-env::x',
      {
        hint: 'one\n::stop-commands::x',
      },
    );
    const output = formatGithub([hostile]);
    expect(output.split('\n').length).toBe(2);
    expect(output).toBe(
      '::error file=a%2Cline=1%3A%3Ab%250A<U+000A>%3A%3Ac.yaml,line=14,col=21,endColumn=24,title=value-invalid::' +
        '100%25<U+000D><U+000A>::set-env::x%0Ahint: one%0A::stop-commands::x\n',
    );
  });

  test('prints no more than GitHub shows', () => {
    const many = Array.from({ length: 80 }, () => error('value-invalid', null, 'm'));
    expect(formatGithub(many).split('\n').length).toBe(51);
  });
});

describe('formatSarif', () => {
  test('is a log of one run that explains its rules', () => {
    const log = JSON.parse(formatSarif(diagnostics, '1.2.3', 'infra/'));
    expect(log.version).toBe('2.1.0');
    const [run] = log.runs;
    expect(run.columnKind).toBe('unicodeCodePoints');
    expect(run.tool.driver).toMatchObject({ name: 'mailc', version: '1.2.3' });
    expect(run.tool.driver.rules.map(({ id }: { id: string }) => id)).toEqual([
      'key-unknown',
      'value-invalid',
    ]);
    const physicalLocation = {
      artifactLocation: { uri: 'infra/users/%C3%A4%20b.yaml', uriBaseId: '%SRCROOT%' },
      region: { startLine: 14, startColumn: 21, endColumn: 24 },
    };
    expect(run.results).toEqual([
      {
        ruleId: 'value-invalid',
        ruleIndex: 1,
        level: 'error',
        message: { text: 'it "must" be\u001b so\nhint: write it so' },
        locations: [{ physicalLocation }],
        relatedLocations: [
          {
            id: 0,
            message: { text: 'and this' },
            physicalLocation: { ...physicalLocation, region: { ...physicalLocation.region, startLine: 3 } },
          },
        ],
      },
      {
        ruleId: 'key-unknown',
        ruleIndex: 0,
        level: 'warning',
        message: { text: 'no file is to blame' },
        locations: [],
        relatedLocations: [],
      },
    ]);
  });
});
