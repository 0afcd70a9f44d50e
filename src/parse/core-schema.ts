/** What a plain scalar means: the core schema of YAML 1.2.2, section 10.3.2. */

export type PlainScalar = string | number | boolean | null;

/**
 * @param source a plain scalar as written, without the white space around it
 */
export function resolvePlain(source: string): PlainScalar {
  // Nearly every scalar of a mail.yaml is an address, a name or a hash: its first letter settles it.
  if (!mayBeOther(source.charCodeAt(0))) return source;
  switch (source) {
    case '~':
    case 'null':
    case 'Null':
    case 'NULL':
      return null;
    case 'true':
    case 'True':
    case 'TRUE':
      return true;
    case 'false':
    case 'False':
    case 'FALSE':
      return false;
    case '.nan':
    case '.NaN':
    case '.NAN':
      return Number.NaN;
  }
  if (!mayBeNumber.test(source)) return source;
  if (/^[-+]?[0-9]+$/.test(source)) return Number.parseInt(source, 10);
  if (/^0o[0-7]+$/.test(source)) return Number.parseInt(source.slice(2), 8);
  if (/^0x[0-9a-fA-F]+$/.test(source)) return Number.parseInt(source.slice(2), 16);
  if (/^[-+]?\.(?:inf|Inf|INF)$/.test(source)) return source[0] === '-' ? -Infinity : Infinity;
  if (/^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/.test(source)) {
    return Number.parseFloat(source);
  }
  return source;
}

/** Only these letters stand in numbers: an address or a size is told apart by one look instead of five. */
const mayBeNumber = /^[-+.0-9][-+.0-9a-fA-FinoxIN]*$/;

/** Whether a value of another type than string may begin so: digits and `+ - . ~ n N t T f F`. */
function mayBeOther(code: number): boolean {
  if (code >= 0x30 && code <= 0x39) return true;
  switch (code) {
    case 0x2b:
    case 0x2d:
    case 0x2e:
    case 0x7e:
    case 0x4e:
    case 0x6e:
    case 0x54:
    case 0x74:
    case 0x46:
    case 0x66:
      return true;
    default:
      return false;
  }
}
