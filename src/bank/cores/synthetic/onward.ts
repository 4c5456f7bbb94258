/** Money that waits on an account of the bank's own, and goes on from there when its time comes. */
import { z } from 'zod'
import type { Db } from '#platform/db.ts'

export const Party = z.object({ name: z.string(), account: z.string() })

export interface Onward {
  readonly reference: string
  readonly dueAt: Temporal.Instant
  readonly from: string
  readonly to: string
  readonly minor: bigint
  readonly text: string
  readonly payer: z.output<typeof Party>
  readonly payee: z.output<typeof Party>
}

export const addOnward = async (tx: Db, onward: Onward): Promise<void> => {
  await tx.run`
    insert into synthetic.later (reference, due_at, from_account, to_account, amount_minor, text, payer, payee)
    values (${onward.reference}, ${onward.dueAt}, ${onward.from}, ${onward.to}, ${onward.minor}, ${onward.text},
            ${JSON.stringify(onward.payer)}::text::jsonb, ${JSON.stringify(onward.payee)}::text::jsonb)
  `
  // In the books of a world both sides are its name; in those that all share no world is called so.
  await tx.run`
    update worlds.world
       set books_due_at = least(books_due_at, ${onward.dueAt})
     where id || '.' = 'synthetic.' and books_due_at is not null
  `
}
