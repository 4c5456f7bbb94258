/** A file that takes much away at once: it may be the supervisor's word, or a file that was cut off. Two people say which. */
import { z } from 'zod'
import type { Work } from '#journal/index.ts'
import { type Applier, baseOf, type ChangeSet, proposeChange } from '#control/approvals/index.ts'
import * as licences from '../store.ts'
import { type Finding, heldAgainst } from './holding-against.ts'
import { entriesOf, putInForce } from './in-force.ts'
import { RegisterImportId } from './register.ts'
import * as store from './store.ts'

export const REGISTER_CHANGE = 'licences.register'

interface Fall {
  readonly imported: store.RegisterImport
  /** Of how many entries, or partners where nothing was known, how many say less. */
  readonly fall: { readonly lost: number; readonly of: number }
  readonly findings: readonly Finding[]
  readonly bank: string
}

export const proposeFall = async (
  work: Work,
  { imported, fall, findings, bank }: Fall,
): Promise<ChangeSet> => {
  const { id, register, sha256, takenOn, entries, added, changed, gone } = imported
  await work.record('licences.register-held-back', id, { register, sha256, ...fall })
  const base = await standing(work, register, findings)
  return proposeChange(work, {
    kind: REGISTER_CHANGE,
    subject: register,
    before: { import: base.import },
    after: {
      import: id,
      sha256,
      takenOn: takenOn.toString(),
      entries,
      added,
      changed,
      gone,
      sayLess: fall.lost,
      ofWhatStood: fall.of,
      bank,
      stops: base.stops,
    },
    base: baseOf(base),
    reason: `${fall.lost} of ${fall.of} would say less than they do: is the file whole?`,
    roles: ['compliance', 'head-of-platform'],
  })
}

/** What must not change between the two looks: what the register says now, and whom the file would stop. */
const standing = async (work: Work, register: string, findings: readonly Finding[]) => ({
  import: (await store.standingImport(work, register)) ?? null,
  stops: findings
    .filter((f) => f.verdict !== 'confirmed')
    .map(({ partnerId, number, verdict, statuses }) => ({ partnerId, number, verdict, statuses })),
})

const Asked = z.object({ import: RegisterImportId, bank: z.string() })

/** The file again, as it was kept, held against what stands now. */
const readAgain = async (work: Work, change: ChangeSet) => {
  const asked = Asked.parse(change.after)
  await store.lockRegister(work, change.subject)
  const { imported, content } = await store.findKept(work, asked.import)
  const { register, format } = imported
  const matrix = await licences.currentMatrix(work)
  const entries = entriesOf(matrix, { format, content })
  const before = await store.entriesOf(work, register)
  const about = { register, entries, before, matrix, bank: asked.bank }
  return { imported, entries, findings: await heldAgainst(work, about) }
}

export const fallApplier: Applier = {
  base: async (work, change) => {
    const { findings } = await readAgain(work, change)
    return baseOf(await standing(work, change.subject, findings))
  },
  apply: async (work, change) => {
    const { imported, entries, findings } = await readAgain(work, change)
    await store.saveState(work, imported.id, 'in-force')
    await putInForce(work, imported, entries, findings)
  },
  dropped: async (work, change) => {
    const { import: id } = Asked.parse(change.after)
    await store.saveState(work, id, 'refused')
    await work.record('licences.register-refused', id, { change: change.id })
  },
}
