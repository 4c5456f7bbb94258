/** A million and more attempts to use a credential of one cell in the other, before the functions that decide. */
import { performance } from 'node:perf_hooks'
import { type Cell, cells } from '#kernel/cell.ts'
import { attacks } from './attacks.ts'
import { newCell, type TrialCell } from './cells.ts'
import { chanceFrom } from './chance.ts'

export interface Counted {
  readonly credential: string
  readonly from: Cell
  readonly to: Cell
  readonly attempts: number
  readonly accepted: number
}

export interface Trial {
  readonly attempts: number
  readonly seed: number
  /** Cells to try with; by default two of their own keys. */
  readonly made?: Readonly<Record<Cell, TrialCell>>
}

/** Counts for every credential and direction. Throws where a cell does not take its own credential: the trial would be void. */
export const tryInProcess = async ({
  attempts,
  seed,
  made,
}: Trial): Promise<{ counts: Counted[]; ms: number }> => {
  const startedMs = performance.now()
  const both = made ?? {
    sandbox: await newCell('sandbox'),
    production: await newCell('production'),
  }
  const counts: Counted[] = []
  for (const [credential, { weight, make }] of Object.entries(attacks))
    for (const from of cells) {
      const to: Cell = from === 'sandbox' ? 'production' : 'sandbox'
      const attack = await make(both[from], both[to])
      if (!(await attack.atHome()))
        throw new Error(`${from} does not take its own ${credential}: nothing would be proven`)
      const chance = chanceFrom(seed + counts.length)
      const wanted = Math.ceil((attempts * weight) / 200)
      let accepted = 0
      for (let n = 0; n < wanted; n++) {
        // A promise is waited for only where there is one: most verifiers answer at once.
        const verdict = attack.tryOnce(chance)
        if (typeof verdict === 'boolean' ? verdict : await verdict) accepted++
      }
      counts.push({ credential, from, to, attempts: wanted, accepted })
    }
  return { counts, ms: Math.round(performance.now() - startedMs) }
}
