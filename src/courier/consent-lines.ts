/** What became of consents, read off the cell's journal for those who have to show it: kinds and ids, no person. */
import { z } from 'zod'
import { type Entry, searchEntries } from '#journal/index.ts'
import type { Db } from '#platform/db.ts'
import type { Client } from '#platform/rpc.ts'
import type { ConsentLine, deskContract } from './desk-contract.ts'

const Facts = z.looseObject({
  applicationId: z.string(),
  type: z.string(),
  channel: z.string(),
})

const lineOf = ({ seq, at, actor, event, subject, data }: Entry): ConsentLine => {
  const { applicationId, type, channel } = Facts.parse(data)
  return {
    seq: seq.toString(),
    at,
    consentId: subject,
    move: event.slice('consents.'.length),
    by: actor.split(':')[0] ?? actor,
    channel,
    applicationId,
    type,
  }
}

export const consentLines =
  (db: Db): Client<typeof deskContract>['consents'] =>
  async ({ partnerId, from, to, before, limit }) => {
    const asked = { about: partnerId, event: 'consents.', from, to }
    const lines = await searchEntries(db, asked, { before: BigInt(before), limit })
    return { data: lines.map(lineOf) }
  }
