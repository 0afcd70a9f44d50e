/**
 * From what the `yaml` package says of a syntax error to what its author should look at. The package reports
 * where its grammar gave up, which for a lost quote, bracket or space is lines below the mistake.
 */
import { type Diagnostic, type DiagnosticExtras, error } from '../diagnostics/diagnostic.ts';
import type { Position } from '../model/position.ts';
import type { LexemeFindings } from './yaml-lexemes.ts';

/** The first error of the package: its code, its message, and the range it names. */
export interface SyntaxFailure {
  readonly code: string;
  readonly message: string;
  readonly start: number;
  readonly end: number;
}

type PositionOf = (start: number, end: number) => Position;

/** No message and no hint repeats text of the file: it may be part of a password. */
export function syntaxError(
  text: string,
  failure: SyntaxFailure,
  findings: LexemeFindings,
  positionOf: PositionOf,
): Diagnostic {
  const say = (start: number, end: number, message: string, extras: DiagnosticExtras = {}): Diagnostic =>
    error('yaml-syntax', positionOf(start, end), message, {
      ...extras,
      concealed: isInsideUser(text, start),
    });
  const { bracket, openQuote } = findings;

  const bracketStart = bracket?.open.offset ?? Number.POSITIVE_INFINITY;
  const quoteStart = openQuote ?? Number.POSITIVE_INFINITY;
  if (openQuote !== null && quoteStart <= failure.start && quoteStart < bracketStart) {
    const quote = text.charAt(openQuote);
    return say(openQuote, openQuote + 1, `the quote ${quote} that opens here is never closed`, {
      hint: `end the value with ${quote} in the same line`,
    });
  }
  if (bracket !== null && bracketStart <= failure.start) return bracketError(bracket, positionOf);

  const found = mistakes.find((mistake) => mistake.fits(failure, text));
  if (found !== undefined) return found.say(failure, text, say);
  const [start, end] = wordAt(text, failure.start);
  return say(start, end, 'this is not valid YAML', {
    hint: 'look for a missing colon, quote, bracket or space in this line and the one above',
  });
}

function bracketError(bracket: NonNullable<LexemeFindings['bracket']>, positionOf: PositionOf): Diagnostic {
  const { open, close } = bracket;
  const opened = positionOf(open.offset, open.offset + 1);
  const wanted = open.bracket === '[' ? ']' : '}';
  if (close === null) {
    return error('yaml-syntax', opened, `the bracket ${open.bracket} that opens here is not closed`, {
      hint: `close it with ${wanted}, and indent the lines between the two`,
    });
  }
  const closed = positionOf(close.offset, close.offset + 1);
  return error(
    'yaml-syntax',
    closed,
    `${close.bracket} closes a bracket that was opened with ${open.bracket}`,
    {
      hint: `close it with ${wanted}`,
      related: [{ message: 'opened here', position: opened }],
    },
  );
}

type Say = (start: number, end: number, message: string, extras?: DiagnosticExtras) => Diagnostic;

interface Mistake {
  readonly fits: (failure: SyntaxFailure, text: string) => boolean;
  readonly say: (failure: SyntaxFailure, text: string, say: Say) => Diagnostic;
}

/** In order of trust: the first that fits speaks. */
const mistakes: readonly Mistake[] = [
  {
    fits: ({ code }) => code === 'TAB_AS_INDENT',
    say: ({ start }, _text, say) =>
      say(start, start + 1, 'a tab stands in the indentation', { hint: 'indent with spaces' }),
  },
  {
    fits: ({ code }) => code === 'BAD_SCALAR_START',
    say: ({ start }, text, say) => {
      const letter = text.charAt(start);
      const isAddress = letter === '@' && /^\S*:(\s|$)/.test(text.slice(start, start + 300));
      return say(start, start + 1, `an unquoted value may not begin with "${letter}"`, {
        hint: isAddress
          ? 'a catch-all stands under its domain: example.com: { catch_all: bob@example.com }'
          : 'put the value in quotes',
      });
    },
  },
  {
    fits: ({ code }) => code === 'BAD_DQ_ESCAPE',
    say: ({ start }, _text, say) =>
      say(start, start + 2, 'a backslash in double quotes begins an escape sequence, and this is none', {
        hint: 'use single quotes, in which a backslash stands for itself',
      }),
  },
  {
    fits: ({ code, start }, text) => isLostKey(code) && colonWithoutSpace(text, start) !== null,
    say: ({ start }, text, say) => {
      const colon = colonWithoutSpace(text, start) ?? start;
      return say(colon, colon + 1, 'a colon that ends a key needs a space behind it', {
        hint: 'put a space after the colon',
      });
    },
  },
  {
    fits: ({ code, message }) => code === 'BLOCK_AS_IMPLICIT_KEY' && message.includes('sequence'),
    say: ({ start }, text, say) => {
      const dash = contentFrom(text, start);
      return say(dash, dash + 1, 'a list item stands among the keys of a map', {
        hint: 'indent it as its neighbours are, or give the list a key of its own',
      });
    },
  },
  {
    fits: ({ code, start }, text) => code === 'BLOCK_AS_IMPLICIT_KEY' && /: /.test(restOfLine(text, start)),
    say: ({ start }, text, say) => {
      const colon = text.indexOf(': ', start);
      return say(colon, colon + 1, 'the value of this key holds a second ": "', {
        hint: 'put the value in quotes, or begin a map in the next line',
      });
    },
  },
  {
    fits: ({ code }) => code === 'BLOCK_AS_IMPLICIT_KEY',
    say: ({ start }, text, say) => {
      const [first, last] = wordAt(text, contentFrom(text, endOfLine(text, start)));
      return say(first, last, 'this line is indented deeper than the key above, which has a value already', {
        hint: 'indent it as the line above',
      });
    },
  },
  {
    fits: ({ code }) =>
      code === 'MULTILINE_IMPLICIT_KEY' || code === 'MISSING_CHAR' || code === 'UNEXPECTED_TOKEN',
    say: (failure, text, say) => missingOrUnexpected(failure, text, say),
  },
  {
    fits: ({ code }) => code === 'BAD_INDENT',
    say: ({ start }, text, say) => {
      const [first, last] = wordAt(text, contentFrom(text, start));
      return say(
        first,
        last,
        'this line is indented neither as the lines above nor as any map or list around',
        {
          hint: 'let all keys of a map, and all items of a list, begin in the same column',
        },
      );
    },
  },
  {
    fits: ({ start }, text) => /^[[{]/.test(text.charAt(contentFrom(text, start))),
    say: ({ start }, text, say) => {
      const bracket = contentFrom(text, start);
      return say(bracket, bracket + 1, 'a list or a map in brackets is no key, and follows no other value');
    },
  },
  {
    fits: ({ code }) => code === 'KEY_OVER_1024_CHARS',
    say: ({ start }, _text, say) => say(start, start + 1, 'a key may be at most 1024 characters long'),
  },
];

/** The package uses three codes for nearly everything; what stands around the place tells more. */
function missingOrUnexpected(failure: SyntaxFailure, text: string, say: Say): Diagnostic {
  const { message } = failure;
  const start = contentFrom(text, failure.start);
  const [, end] = wordAt(text, start);
  const before = text.slice(0, start).trimEnd().at(-1) ?? '';
  const sameLine = !text.slice(lastContentBefore(text, start), start).includes('\n');
  if (message.startsWith('Comments must be')) {
    return say(start, start + 1, 'a comment needs a space before its "#"', {
      hint: 'put a space before the "#", or put the whole value in quotes when the "#" belongs to it',
    });
  }
  if (message.includes('block-seq-ind on same line')) {
    return say(start, start + 1, 'a list may not begin in the line of its key', {
      hint: 'begin it in the next line, or write it in brackets: [a, b]',
    });
  }
  if (message.startsWith('Unexpected ,') || message.startsWith('Unexpected empty item')) {
    return say(start, start + 1, 'an item is missing before this comma');
  }
  if (message.startsWith('Missing ,')) {
    return say(start, end, 'a comma is missing before this item');
  }
  if (/^Unexpected flow-(?:map|seq)-end/.test(message)) {
    return say(start, start + 1, 'this bracket closes nothing', {
      hint: 'delete it, or put the value in quotes',
    });
  }
  if (message.endsWith('at node end') && sameLine && (before === '"' || before === "'")) {
    const escaped = before === '"' ? '\\"' : "''";
    return say(start, end, `text follows the closing ${before}`, {
      hint: `write ${escaped} for a ${before} inside the value`,
    });
  }
  if (message.endsWith('at node end') && sameLine) {
    return say(start, end, 'text follows the end of the value');
  }
  if (message.endsWith('at node end')) {
    return say(start, end, 'this line is indented less than the first of its map or list', {
      hint: 'let all keys of a map, and all items of a list, begin in the same column',
    });
  }
  if (message.includes('lock scalar')) {
    return say(failure.start, failure.start + 1, 'this block of text is not valid YAML', {
      hint: 'write the value in the line of its key',
    });
  }
  const line = contentFrom(text, startOfLine(text, failure.start));
  return say(line, wordAt(text, line)[1], 'this line is neither "key: value" nor "- item"', {
    hint: 'end the key with a colon and a space',
  });
}

/**
 * Whether a line belongs to a user, where garbled text may be a password. The key above it tells: of all maps
 * that hold maps only `users` has addresses for keys.
 */
function isInsideUser(text: string, at: number): boolean {
  const lineStart = startOfLine(text, at);
  const indentation = contentFrom(text, lineStart) - lineStart;
  for (let end = lineStart - 1; end > 0; end = startOfLine(text, end) - 1) {
    const above = text.slice(startOfLine(text, end), end);
    if (!/^\s*[^\s#]/.test(above) || above.search(/\S/) >= indentation) continue;
    return above.includes('@');
  }
  return false;
}

function isLostKey(code: string): boolean {
  return code === 'MULTILINE_IMPLICIT_KEY' || code === 'MISSING_CHAR';
}

/** The colon of `key:value`, where the line at `start` begins so. */
function colonWithoutSpace(text: string, start: number): number | null {
  const lineStart = startOfLine(text, start);
  const found = /^ *(?:- +)?["']?[\w.@+*-]+["']?:(?=[^\s:])/.exec(restOfLine(text, lineStart));
  return found === null ? null : lineStart + found[0].length - 1;
}

function startOfLine(text: string, at: number): number {
  return text.lastIndexOf('\n', at - 1) + 1;
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end;
}

function restOfLine(text: string, at: number): string {
  return text.slice(at, endOfLine(text, at));
}

/** The next character that is no white space, comments left out; the end of the text when there is none. */
function contentFrom(text: string, at: number): number {
  for (let from = at; from < text.length; from++) {
    const character = text.charAt(from);
    if (character === '#' && /^\s?$/.test(text.charAt(from - 1))) from = endOfLine(text, from);
    else if (!/\s/.test(character)) return from;
  }
  return text.length;
}

function lastContentBefore(text: string, at: number): number {
  return text.slice(0, at).trimEnd().length;
}

/** The run of characters without white space at `at`; at the end of the text the last of the text. */
function wordAt(text: string, at: number): [start: number, end: number] {
  const start = at < text.length ? at : lastContentBefore(text, at);
  const length = /^\S*/.exec(text.slice(start))?.[0].length ?? 0;
  return [start, start + Math.max(1, length)];
}
