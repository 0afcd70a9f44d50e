// Mail that comes in and goes out: the ways that docker-post's feature list promises.

import { dkimVerify } from 'mailauth/lib/dkim/verify';
import { beforeAll, expect, it } from 'vitest';
import { header, imapOf, messageIn, receive, submit } from './support/clients.ts';
import { describeWorld, type World } from './support/shared.ts';

describeWorld('mail in and out', (start) => {
  let world: World;
  beforeAll(async () => {
    world = await start();
  });

  it('takes a message from outside through postscreen and puts it into the INBOX', async () => {
    const reply = await receive(world, { to: 'bob@example.com', subject: 'first of all' });
    expect(reply).toMatchObject({ code: 250 });
    const { raw } = await messageIn(world, 'bob@example.com', 'first of all');
    expect(header(raw, 'Return-Path')).toBe('<someone@elsewhere.example>');
    expect(raw).toContain('This is the message "first of all".');
  });
});
