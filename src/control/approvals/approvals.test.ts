import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { z } from 'zod'
import { doing, freshDatabase, noon } from '#test/world.ts'
import { canonical } from '#kernel/canonical.ts'
import type { Work } from '#journal/index.ts'
import { addStaff, listStaff, type StaffId, type StaffRole } from '#control/staff/index.ts'
import {
  type Applier,
  baseOf,
  type ChangeSet,
  ChangeView,
  decideChange,
  expireChanges,
  findChange,
  proposeChange,
  stillNeeded,
  viewOfChange,
} from './index.ts'

const database = await freshDatabase('control')
const db = database.as('control')

/** What the changes of these tests change: a word for each subject, with how often it was written. */
const words = new Map<string, { word: string; times: number }>()
const wordOf = (subject: string) => words.get(subject)?.word ?? 'nothing'
const dropped: string[] = []
const applier: Applier = {
  base: async (_, change) => baseOf(wordOf(change.subject)),
  apply: async (_, change) => {
    const times = (words.get(change.subject)?.times ?? 0) + 1
    words.set(change.subject, { word: z.string().parse(change.after), times })
  },
  dropped: async (_, change) => {
    dropped.push(change.id)
  },
}
const appliers = new Map([['tests.word', applier]])

const joined = async (roles: StaffRole[]): Promise<StaffId> => {
  const email = `${crypto.randomUUID()}@namuna.example`
  await doing(db)((w) =>
    addStaff(w, { name: 'Somebody', email, password: 'quite long enough', roles }),
  )
  const staff = (await listStaff(db)).find((s) => s.email === email)
  assert.ok(staff)
  return staff.id
}
const [first, second, third, product, auditor] = await Promise.all([
  joined(['compliance']),
  joined(['compliance']),
  joined(['head-of-platform']),
  joined(['api-product']),
  joined(['auditor', 'api-product']),
])

const as = (id: StaffId, now = noon) => doing(db, `staff:${id}`, now)
const proposal = (subject: string, after = 'changed') => ({
  kind: 'tests.word',
  subject,
  before: wordOf(subject),
  after,
  base: baseOf(wordOf(subject)),
  reason: 'for the test',
  roles: ['compliance', 'head-of-platform'] satisfies StaffRole[],
})
const propose = (subject: string, by: StaffId = first) =>
  as(by)((w) => proposeChange(w, proposal(subject)))
const approve = (change: ChangeSet, by: StaffId, now = noon, hash = change.hash) =>
  as(
    by,
    now,
  )((w) => decideChange(w, appliers, { id: change.id, decision: 'approve', hash, reason: '' }))
const subject = () => `word-${crypto.randomUUID()}`

test('a change takes effect when another person with the right role approves it', async () => {
  const change = await propose(subject())
  assert.equal(wordOf(change.subject), 'nothing')

  const after = await approve(change, second)

  assert.equal(after.status, 'applied')
  assert.equal(wordOf(change.subject), 'changed')
  assert.deepEqual(
    (await findChange(db, change.id))?.approvals.map((a) => a.by),
    [second],
  )
})

test('nobody approves what they proposed', async () => {
  const change = await propose(subject())
  await assert.rejects(approve(change, first), { code: 'approvals/own-change', status: 403 })
  assert.equal((await findChange(db, change.id))?.status, 'proposed')
})

test('an approval of another text is refused', async () => {
  const change = await propose(subject())
  const other = await propose(subject())
  await assert.rejects(approve(change, second, noon, other.hash), {
    code: 'approvals/hash-differs',
  })
  assert.equal(wordOf(change.subject), 'nothing')
})

test('whoever reads a change can compute the hash that they approve, from nothing but what they read', async () => {
  const moment = noon.add({ microseconds: 123_456 })
  const { id, hash } = await as(first, moment)((w) => proposeChange(w, proposal(subject())))
  const stored = await findChange(db, id)
  assert.ok(stored)

  const read = z.encode(ChangeView, viewOfChange(stored, noon))
  const {
    status: _,
    approvals,
    decidedAt,
    outcome,
    rejectedBy,
    stillNeeded: more,
    hash: told,
    ...said
  } = read
  assert.deepEqual([approvals, decidedAt, outcome, rejectedBy, more], [[], null, null, null, 1])

  assert.equal(told, hash)
  assert.equal(createHash('sha256').update(canonical(said)).digest('hex'), hash)
})

test('a person without the role does not decide, nor does an auditor, whatever else they are', async () => {
  const change = await propose(subject())
  for (const person of [product, auditor])
    await assert.rejects(approve(change, person), { code: 'staff/role-missing', status: 403 })
})

test('what the partner asks for needs two people of the bank', async () => {
  const asker = `person:person_${'0'.repeat(32)}` as const
  const change = await doing(db, asker)((w) => proposeChange(w, proposal(subject())))
  assert.equal(stillNeeded(change), 2)

  const once = await approve(change, first)
  assert.deepEqual(
    [once.status, stillNeeded(once), wordOf(change.subject)],
    ['proposed', 1, 'nothing'],
  )
  await assert.rejects(approve(change, first), { code: 'approvals/own-change' })

  assert.equal((await approve(change, third)).status, 'applied')
})

test('of two approvals at once one applies the change, and it is applied once', async () => {
  const change = await propose(subject())

  const outcomes = await Promise.allSettled([approve(change, second), approve(change, third)])

  assert.deepEqual(outcomes.map((o) => o.status).toSorted(), ['fulfilled', 'rejected'])
  assert.equal(words.get(change.subject)?.times, 1)
})

test('a change whose subject has moved on is void, and stays on record', async () => {
  const change = await propose(subject())
  words.set(change.subject, { word: 'something else', times: 0 })

  const after = await approve(change, second)

  assert.equal(after.status, 'void')
  assert.equal(wordOf(change.subject), 'something else')
  assert.equal((await findChange(db, change.id))?.status, 'void')
  assert.ok(dropped.includes(change.id))
})

test('after 72 hours nobody can approve any more', async () => {
  const change = await propose(subject())
  const end = noon.add({ hours: 72 })

  assert.equal((await approve(change, second, end)).status, 'expired')
  assert.equal(wordOf(change.subject), 'nothing')

  const inTime = await propose(subject())
  assert.equal(
    (await approve(inTime, second, end.subtract({ nanoseconds: 1000 }))).status,
    'applied',
  )
})

test('the sweep ends overdue changes and tells whoever waits', async () => {
  const change = await propose(subject())
  const later = noon.add({ hours: 73 })

  await doing(db, 'system', later)((w) => expireChanges(w, appliers))

  assert.equal((await findChange(db, change.id))?.status, 'expired')
  assert.ok(dropped.includes(change.id))
})

test('a no is final and says why', async () => {
  const change = await propose(subject())
  const decision = {
    id: change.id,
    decision: 'reject',
    hash: change.hash,
    reason: 'too early',
  } as const

  const after = await as(second)((w) => decideChange(w, appliers, decision))

  assert.deepEqual(
    [after.status, after.outcome, after.rejectedBy],
    ['rejected', 'too early', second],
  )
  await assert.rejects(approve(change, third), { code: 'approvals/closed' })
})

test('a second proposal about the same thing waits for the first', async () => {
  const change = await propose(subject())
  await assert.rejects(propose(change.subject, second), { code: 'approvals/pending', status: 409 })
})

test('an approval and its effect are kept together: what fails to apply is not approved', async () => {
  const broken: Applier = {
    ...applier,
    apply: () => Promise.reject(new Error('the effect failed')),
  }
  const change = await propose(subject())

  await assert.rejects(
    as(second)((w) =>
      decideChange(w, new Map([['tests.word', broken]]), {
        id: change.id,
        decision: 'approve',
        hash: change.hash,
        reason: '',
      }),
    ),
    /the effect failed/,
  )

  const found = await findChange(db, change.id)
  assert.deepEqual([found?.status, found?.approvals], ['proposed', []])
})

test('the table itself refuses an effect of one person, a rewritten text and an approval of one’s own', async () => {
  const change = await propose(subject())
  const { owner } = database
  await assert.rejects(
    owner.run`update approvals.change_set set status = 'applied', decided_at = now() where id = ${change.id}`,
    /needs two people/,
  )
  await assert.rejects(
    owner.run`update approvals.change_set set after = '"more"' where id = ${change.id}`,
    /cannot be rewritten/,
  )
  const insert = (by: string, hash: string) =>
    owner.run`insert into approvals.approval (change_id, hash, approver, approved_at) values (${change.id}, ${hash}, ${by}, now())`
  await assert.rejects(insert(first, change.hash), /does not approve it/)
  await assert.rejects(insert(second, 'a'.repeat(64)), /foreign key/)
})

/** Everything that anybody may try, in any order. */
type Step =
  | { do: 'propose'; by: number; subject: number; partner: boolean }
  | { do: 'decide'; by: number; change: number; yes: boolean; hash: 'right' | 'wrong' | 'other' }
  | { do: 'move'; subject: number }
  | { do: 'wait'; hours: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('propose' as const),
      by: fc.nat(4),
      subject: fc.nat(2),
      partner: fc.boolean(),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('decide' as const),
      by: fc.nat(4),
      change: fc.nat(2),
      yes: fc.constantFrom(true, true, false),
      hash: fc.constantFrom(
        'right' as const,
        'right' as const,
        'right' as const,
        'wrong' as const,
        'other' as const,
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('move' as const), subject: fc.nat(2) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('wait' as const), hours: fc.constantFrom(1, 40, 73) }),
  },
)

test('whatever is tried in whatever order, no effect has fewer than two right people of the bank behind it', async () => {
  const people = [first, second, third, product, auditor]
  let effects = 0
  const mayDecide = new Set<StaffId>([first, second, third])
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 30 }), async (steps) => {
      const run = crypto.randomUUID()
      const subjects = [0, 1, 2].map((n) => `${run}-${n}`)
      const changes: {
        change: ChangeSet
        proposer: StaffId | null
        yes: Set<StaffId>
        moved: boolean
      }[] = []
      let now = noon
      for (const s of steps) {
        const by = people['by' in s ? s.by : 0] ?? first
        const about = subjects['subject' in s ? s.subject : 0] ?? run
        if (s.do === 'wait') now = now.add({ hours: s.hours })
        if (s.do === 'move') {
          words.set(about, { word: crypto.randomUUID(), times: 0 })
          for (const c of changes) if (c.change.subject === about) c.moved = true
        }
        if (s.do === 'propose') {
          const actor = s.partner
            ? (`person:person_${'1'.repeat(32)}` as const)
            : (`staff:${by}` as const)
          const body = (w: Work) => proposeChange(w, proposal(about, crypto.randomUUID()))
          const change = await doing(db, actor, now)(body).catch(() => undefined)
          if (change)
            changes.push({ change, proposer: s.partner ? null : by, yes: new Set(), moved: false })
        }
        if (s.do === 'decide') {
          const held = changes[s.change]
          if (!held) continue
          const other = changes.find((c) => c !== held)?.change.hash ?? 'b'.repeat(64)
          const hash = { right: held.change.hash, wrong: 'a'.repeat(64), other }[s.hash]
          const before = wordOf(held.change.subject)
          const answer = await doing(
            db,
            `staff:${by}`,
            now,
          )((w) =>
            decideChange(w, appliers, {
              id: held.change.id,
              decision: s.yes ? 'approve' : 'reject',
              hash,
              reason: 'no',
            }),
          ).catch((error: { code?: string }) => {
            assert.ok(error.code, 'a refusal, not a fault')
          })
          const isValid = s.yes && s.hash === 'right' && mayDecide.has(by) && by !== held.proposer
          if (answer && isValid) held.yes.add(by)
          const inForce = wordOf(held.change.subject)
          if (inForce !== before) {
            effects += 1
            // The model's own view of what had to be true for this effect.
            const behind = new Set([...held.yes, ...(held.proposer ? [held.proposer] : [])])
            assert.ok(isValid, 'the step that applied it was a valid approval')
            assert.ok(behind.size >= 2, 'two people stand behind it')
            assert.ok(Temporal.Instant.compare(now, held.change.expiresAt) < 0, 'in time')
            assert.equal(held.moved, false, 'nothing moved under it')
            assert.equal(inForce, held.change.after)
            for (const c of changes)
              if (c !== held && c.change.subject === held.change.subject) c.moved = true
          }
        }
      }
      for (const { change } of changes) {
        const stored = await findChange(db, change.id)
        assert.ok(stored)
        assert.equal(stored.hash, change.hash)
        if (stored.status === 'applied')
          assert.ok(
            new Set([...stored.approvals.map((a) => `staff:${a.by}`), stored.proposedBy]).size >= 2,
          )
      }
    }),
    // One seed, so that the model reaches as many effects in every run of the suite.
    { numRuns: 40, seed: 20_261_122 },
  )
  assert.ok(effects > 10, 'the model reached effects')
})
