/** How the bank words its clauses: each wording is a version that stays, each set of versions a template that stays. */
import { z } from 'zod'
import type { Work } from '#journal/index.ts'
import type { Db } from '#platform/db.ts'
import { assert } from '#kernel/assert.ts'
import { type Applier, baseOf, type ChangeSet, proposeChange } from '#control/approvals/index.ts'
import {
  Clause,
  clauseFaults,
  clauseRefused,
  firstClauses,
  firstTemplate,
  olderTemplates,
  Template,
  templateNotFound,
} from './clauses.ts'

const ClauseRow = Clause

const clauseVersions = async (db: Db): Promise<Clause[]> => [
  ...firstClauses,
  ...(await db.many(ClauseRow)`
    select id, version, title, body as text from contracts.clause order by id, version limit 10000
  `),
]

const Numbered = Template.extend({ number: z.int() })

const templatesOfBank = (db: Db) => db.many(Numbered)`
  select id, number, clauses from contracts.template order by number desc limit 1000
`

/** All templates, the newest first. */
export const listTemplates = async (db: Db): Promise<Template[]> => [
  ...(await templatesOfBank(db)).map(({ id, clauses }) => ({ id, clauses })),
  firstTemplate,
  ...olderTemplates,
]

export interface WholeTemplate {
  readonly id: string
  /** In the order of the paper: as this release orders them, then those that the bank added. */
  readonly clauses: readonly Clause[]
}

/** A template that an older release brought is known no more: whatever is made after it takes the newest wording. */
export const standingTemplate = async (db: Db, id: string): Promise<string | undefined> =>
  (await listTemplates(db)).find((template) => template.id === id)?.id

/** A template with its clauses; the newest where none is named. */
export const templateNamed = async (db: Db, id?: string): Promise<WholeTemplate> => {
  const [newest, ...older] = await listTemplates(db)
  assert(newest, 'this release brings a template')
  const found = id === undefined ? newest : [newest, ...older].find((t) => t.id === id)
  if (!found) throw templateNotFound(`no template is called ${id}`)
  const versions = await clauseVersions(db)
  const order = firstClauses.map((c) => c.id)
  const place = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length)
  const clauses = Object.entries(found.clauses)
    .toSorted(([a], [b]) => place(a) - place(b) || (a < b ? -1 : 1))
    .map(([name, version]) => {
      const clause = versions.find((c) => c.id === name && c.version === version)
      assert(clause, 'a template names versions that stay')
      return clause
    })
  return { id: found.id, clauses }
}

/** Proposes another wording of a clause, or a further clause. Contracts that are signed keep theirs. */
export const proposeClause = async (
  work: Work,
  worded: Pick<Clause, 'id' | 'title' | 'text'>,
  reason: string,
): Promise<ChangeSet> => {
  const errors = clauseFaults(worded)
  if (errors.length > 0) throw clauseRefused(`${errors.length} place(s) are wrong`, { errors })
  const template = await templateNamed(work)
  const before = template.clauses.find((c) => c.id === worded.id)
  const latest = (await clauseVersions(work)).filter((c) => c.id === worded.id)
  const { id, title, text } = worded
  return proposeChange(work, {
    kind: 'contracts.clause',
    subject: id,
    before: before ? { ...before } : null,
    after: { id, version: Math.max(0, ...latest.map((c) => c.version)) + 1, title, text },
    base: baseOf(template.id),
    reason,
    roles: ['head-of-platform', 'compliance'],
  })
}

/** A wording takes effect with a template of its own: the newest, with this one clause in another version. */
export const clauseApplier: Applier = {
  base: async (work) => {
    await work.run`select pg_advisory_xact_lock(hashtext('contracts.template'))`
    return baseOf((await templateNamed(work)).id)
  },
  apply: async (work, change) => {
    const clause = Clause.parse(change.after)
    const [newest] = await listTemplates(work)
    assert(newest, 'this release brings a template')
    const number = ((await templatesOfBank(work))[0]?.number ?? 0) + 1
    const id = `${firstTemplate.id}.${number}`
    const clauses = { ...newest.clauses, [clause.id]: clause.version }
    await work.run`
      insert into contracts.clause (id, version, title, body, worded_at, change_id)
      values (${clause.id}, ${clause.version}, ${clause.title}, ${clause.text}, ${work.now}, ${change.id})
    `
    await work.run`
      insert into contracts.template (id, number, clauses, made_at, change_id)
      values (${id}, ${number}, ${JSON.stringify(clauses)}::text::jsonb, ${work.now}, ${change.id})
    `
    await work.record('contracts.clause-worded', clause.id, {
      version: clause.version,
      template: id,
    })
  },
}
