// What a synchronisation makes of a database, on every kind of it.

import { expect, it } from 'vitest';
import { aMailSystem } from '../support/a-mail-system.ts';
import { describeDatabases } from './databases.ts';
import { everything, everythingElse, hostile } from './examples.ts';
import { physicalRows } from './physical-rows.ts';
import { asLive, synchronised } from './synchronised.ts';

describeDatabases('a synchronisation', (kind) => {
  it('fills an empty database', async () => {
    const database = await kind.create();
    const system = aMailSystem(everything);
    expect(await synchronised(database, system)).toEqual(asLive(system));
  });

  it('writes nothing the second time', async () => {
    const database = await kind.create();
    const system = aMailSystem(everything);
    await synchronised(database, system, 'secret');
    const before = await physicalRows(database);
    await synchronised(database, system, 'secret');
    expect(await physicalRows(database)).toEqual(before);
  });

  it('makes every kind of change, there and back', async () => {
    const database = await kind.create();
    const [a, b] = [aMailSystem(everything), aMailSystem(everythingElse)];
    for (const system of [a, b, a]) expect(await synchronised(database, system)).toEqual(asLive(system));
  });

  it('empties a database', async () => {
    const database = await kind.create();
    await synchronised(database, aMailSystem(everything));
    const nothing = { ...aMailSystem(), domains: [], users: [], aliases: [] };
    expect(await synchronised(database, nothing)).toEqual({ domains: [], users: [], aliases: [] });
  });

  it('keeps hostile strings as they are', async () => {
    const database = await kind.create();
    const system = aMailSystem(hostile);
    expect(await synchronised(database, system)).toEqual(asLive(system));
  });
});
