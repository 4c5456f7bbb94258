/** What will break somebody on a day: whom it hits by their own calls, and since when everybody who is hit has been told. */
import { z } from 'zod'
import type { Work } from '#journal/index.ts'
import type { Db } from '#platform/db.ts'
import { parseRequest } from '#platform/http.ts'
import { type Applier, baseOf, type ChangeSet, proposeChange } from '#control/approvals/index.ts'
import { listProducts, standingPromises } from '#control/catalogue/index.ts'
import { type Judged, judgeRevision, keyOf, trialIn } from '#control/versions/index.ts'
import { announce } from '#control/webhooks/index.ts'
import { draftOf } from './drafts.ts'
import { type Hit, openHits } from './hits.ts'
import { ComingId, earliestInTrial, earliestSunset, versionNotFound } from './life.ts'
import * as store from './store.ts'
import { comingWords } from './words.ts'

export interface Impact extends Judged {
  readonly key: string
  /** Partners whose own calls, or whose product, it is about; the busiest first. */
  readonly hits: Hit[]
  /** The first day that all their contracts allow, if it were announced now. */
  readonly earliest: string
  /** What they would be told. */
  readonly draft: ReturnType<typeof draftOf>
}

const dayOf = (instant: Temporal.Instant) =>
  instant.toZonedDateTimeISO('UTC').toPlainDate().toString()

/** Who tries a version waits for less than who was promised one. */
const earliestFor = (text: string, hits: readonly Hit[], now: Temporal.Instant): string =>
  dayOf(
    trialIn(text)
      ? earliestInTrial(now)
      : earliestSunset(
          now,
          hits.map(({ noticeMonths }) => noticeMonths),
        ),
  )

/** Under the member of the request that holds the document: pointers of what is wrong are the asker's. */
const Dated = z.object({ openapi: z.object({ info: z.object({ version: z.iso.date() }) }) })

/** What a document would change, whom each change hits, and when it might take effect. It proposes nothing. */
export const judgeDocument = async (
  db: Db,
  product: string,
  document: Readonly<Record<string, unknown>>,
  now: Temporal.Instant,
) => {
  const held = (await listProducts(db)).find((one) => one.id === product)
  if (!held) throw versionNotFound(`no product is called ${product}`)
  const { version } = parseRequest(Dated, { openapi: document }).openapi.info
  const today = now.toZonedDateTimeISO('UTC').toPlainDate()
  const { promised, terms } = await standingPromises(db, product, today)
  const verdict = judgeRevision(promised, { version, document }, terms)
  const telling = verdict.findings.filter(({ level }) => level !== 'INFO')
  const operationAt = (path: string | null, method: string | null) =>
    held.operations.find((one) => one.path === path && one.method === method)?.id
  const called = telling.flatMap((one) => operationAt(one.path, one.operation) ?? [])
  const hitsOf = await openHits(db, now, [...new Set(called)])
  const impacts: Impact[] = telling.map((finding) => {
    const { id, text, callersOf, path, operation: method } = finding
    const operation = operationAt(path, method)
    const hits = hitsOf({ product, operation, id, text, callersOf })
    const earliest = earliestFor(text, hits, now)
    const draft = draftOf(finding, { product, operation, day: earliest })
    return { ...finding, key: keyOf(finding), hits, earliest, draft }
  })
  return { faults: verdict.faults, impacts, harmless: verdict.findings.length - impacts.length }
}

const Sentence = z.string().trim().min(3).max(500)

export const ComingInput = z.strictObject({
  product: z.string(),
  /** Findings of a judgement, as it names them. */
  keys: z.array(z.string().min(3).max(4_000)).min(1).max(100),
  summary: z.strictObject({ en: Sentence, ru: Sentence, uz: Sentence }),
})
export type ComingInput = z.output<typeof ComingInput>

/** What `keyOf` begins with; an operation of a product has no blank in its path. */
const partsOf = (key: string) => {
  const [rule = '', method = '', path = '', ...text] = key.split(' ')
  return { rule, method, path, text: text.join(' ') }
}

/** Who is hit by any of these, and the day on which all of them may take effect. */
const plan = async (db: Db, { product, keys }: ComingInput, now: Temporal.Instant) => {
  const held = (await listProducts(db)).find((one) => one.id === product)
  if (!held) throw versionNotFound(`no product is called ${product}`)
  const about = keys.map((key) => {
    const { rule, method, path, text } = partsOf(key)
    const operation = held.operations.find((one) => one.path === path && one.method === method)?.id
    return { key, rule, text, operation }
  })
  const hitsOf = await openHits(db, now, [...new Set(about.flatMap((one) => one.operation ?? []))])
  const changes = about.map(({ key, rule, text, operation }) => {
    const hits = hitsOf({ product, operation, id: rule, text })
    return { key, rule, operation: operation ?? null, hits, day: earliestFor(text, hits, now) }
  })
  const partners = new Set(changes.flatMap(({ hits }) => hits.map((h) => h.partnerId)))
  const day = changes.map((one) => one.day).reduce((a, b) => (a > b ? a : b))
  return { changes, partners, day }
}

/** Proposes to tell everybody who is hit that something will break, on the first day that all their contracts allow. */
export const proposeComing = async (
  work: Work,
  input: ComingInput,
  reason: string,
): Promise<ChangeSet> => {
  const { day } = await plan(work, input, work.now)
  return proposeChange(work, {
    kind: 'versions.coming',
    subject: input.product,
    before: null,
    after: z.json().parse({ ...input, takesEffect: day }),
    base: baseOf(null),
    reason,
    roles: ['head-of-platform', 'api-product'],
  })
}

/** The name of the announcement that a decision made. */
export const noticeOf = (changeId: string): string => `version-coming ${changeId}`

export const comingApplier: Applier = {
  base: () => Promise.resolve(baseOf(null)),
  apply: async (work, change) => {
    const { takesEffect: _, ...rest } = z.record(z.string(), z.unknown()).parse(change.after)
    const input = ComingInput.parse(rest)
    // From now on, and not from when it was proposed: a promise does not shrink while two people think.
    const { changes, partners, day } = await plan(work, input, work.now)
    for (const { key, rule, operation } of changes)
      await store.insertComing(work, {
        id: ComingId.next(),
        product: input.product,
        key,
        rule,
        operation,
        summary: input.summary,
        takesEffect: day,
        announcedAt: work.now,
        changeId: change.id,
      })
    await work.record('versions.coming-announced', input.product, {
      changes: changes.length,
      takesEffect: day,
    })
    for (const partnerId of partners)
      await announce(work, {
        partnerId,
        kind: 'version-coming',
        subject: input.product,
        key: noticeOf(change.id),
        ...comingWords({ product: input.product, day, summary: input.summary }),
        happensAt: Temporal.PlainDate.from(day).toZonedDateTime('UTC').toInstant(),
        acknowledge: true,
      })
  },
}
