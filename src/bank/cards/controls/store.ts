import { z } from 'zod'
import type { Db } from '#platform/db.ts'
import { Controls, controlsJson } from './controls.ts'

export const ControlVersion = z.object({
  cardId: z.string(),
  version: z.number(),
  controls: Controls,
  madeAt: z.instanceof(Temporal.Instant),
})
export type ControlVersion = z.output<typeof ControlVersion>

export const latest = (db: Db, cardId: string) =>
  db.maybe(ControlVersion)`
    select card_id as "cardId", version, controls, made_at as "madeAt"
      from cards.control_version
     where card_id = ${cardId}
     order by version desc
     limit 1
  `

export const find = (db: Db, cardId: string, version: number) =>
  db.maybe(ControlVersion)`
    select card_id as "cardId", version, controls, made_at as "madeAt"
      from cards.control_version
     where card_id = ${cardId} and version = ${version}
  `

export const add = (db: Db, partnerId: string, v: ControlVersion) => db.run`
  insert into cards.control_version (card_id, version, partner_id, controls, made_at)
  values (${v.cardId}, ${v.version}, ${partnerId}, ${JSON.stringify(controlsJson(v.controls))}::text::jsonb, ${v.madeAt})
`
