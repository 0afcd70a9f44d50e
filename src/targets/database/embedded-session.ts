/** PostgreSQL inside this process (PGlite), on a folder: for a first try and for tests. Loaded only here. */
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { PGlite } from '@electric-sql/pglite';
import { copyStatement } from '../../../renderers/postgres/print-steps.ts';
import { error } from '../../diagnostics/diagnostic.ts';
import { DiagnosticError } from '../../diagnostics/diagnostic-error.ts';
import { makeFolders } from '../make-folders.ts';
import type { Connected } from './connect.ts';
import { databaseFailure } from './failure.ts';
import { lockFolder } from './folder-lock.ts';
import { copyChunks, type Session } from './session.ts';

/** Makes the folder when it is not there. Throws DiagnosticError, also when another process has it open. */
export async function openEmbedded(folder: string): Promise<Connected> {
  const name = `embedded database in ${folder}`;
  const { PGlite } = await loadPGlite();
  try {
    makeFolders(join(folder, 'data'), 0o700);
    const lock = await lockFolder(folder);
    if ('heldBy' in lock) {
      throw new DiagnosticError(
        error('database-locked', null, `${name}: process ${lock.heldBy} has it open`, {
          hint: 'wait until it has ended; an embedded database is for one process at a time',
        }),
      );
    }
    try {
      const database = await PGlite.create(join(folder, 'data'));
      return { session: sessionOf(database, lock.release), name, password: null };
    } catch (cause) {
      lock.release();
      throw cause;
    }
  } catch (cause) {
    throw databaseFailure(cause, { database: name, phase: 'connect', password: null });
  }
}

async function loadPGlite(): Promise<typeof import('@electric-sql/pglite')> {
  try {
    return await import('@electric-sql/pglite');
  } catch {
    throw new DiagnosticError(
      error(
        'database-embedded-missing',
        null,
        'the embedded database is a package of its own, which is not installed',
        {
          hint: 'npm install @electric-sql/pglite',
        },
      ),
    );
  }
}

function sessionOf(database: PGlite, release: () => void): Session {
  return {
    query: async (text, parameters) => {
      // Lets signals in between two statements.
      await nextTurn();
      if (parameters === undefined) {
        const results = await database.exec(text, { rowMode: 'array' });
        return resultOf(results[results.length - 1]);
      }
      return resultOf(await database.query(text, [...parameters], { rowMode: 'array' }));
    },
    queryEach: async (texts) => {
      await nextTurn();
      return (await database.exec(texts.join(';\n'), { rowMode: 'array' })).map(resultOf);
    },
    copyIn: async (block) => {
      const blob = new Blob([...copyChunks(block)]);
      await database.query(copyStatement(block, "'/dev/blob'"), [], { blob });
    },
    // A statement runs to its end within one turn of the event loop: there is never one to cancel.
    cancel: async () => {},
    outcome: async () => null,
    close: async () => {
      await database.close();
      release();
    },
  };
}

function resultOf(result: { readonly rows: readonly unknown[]; readonly affectedRows?: number } | undefined) {
  return {
    rows: (result?.rows ?? []) as readonly (readonly unknown[])[],
    affected: result?.affectedRows ?? 0,
  };
}
