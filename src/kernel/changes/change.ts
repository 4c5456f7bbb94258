/**
 * What a dated version of an API changed, as data: it travels inside the product's document, so that whoever enforces the
 * document also knows how older versions of it read. Each step is said from the older form to the newer one, and works in
 * both directions: requests are brought forward by it, answers back, and so is the document itself.
 */
import { z } from 'zod'

/** Where the objects are that a step works on: `` is the body, `/data/*` every item of its list. */
const Place = z
  .string()
  .max(200)
  .regex(/^(?:\/(?:\*|[A-Za-z][A-Za-z0-9_-]*))*$/, 'is no place such as /data/*')
/** A member within such an object, which may lie deeper: `/holder/name`. */
const Inner = z
  .string()
  .max(200)
  .regex(/^(?:\/[A-Za-z][A-Za-z0-9_-]*)+$/, 'is no place such as /holder/name')
const Name = z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,79}$/, 'is no name of a member')
const Words = z.record(z.string(), z.string())
const Schema = z.record(z.string(), z.json())

export const Step = z.discriminatedUnion('do', [
  /** Older versions call it `from`. */
  z.strictObject({ do: z.literal('rename'), at: Place, from: Name, to: Name }),
  /** Older versions have it elsewhere: wrapped, unwrapped, hoisted. */
  z.strictObject({ do: z.literal('move'), at: Place, from: Inner, to: Inner }),
  /** Older versions do not have it. Where the newer one needs it of a request, `value` stands in. */
  z.strictObject({ do: z.literal('add'), at: Place, member: Name, value: z.json().optional() }),
  /** Only older versions have it, as `schema` says; their answers hold `value`. */
  z.strictObject({
    do: z.literal('remove'),
    at: Place,
    member: Name,
    schema: Schema,
    required: z.boolean().default(false),
    value: z.json(),
  }),
  /** Words of an enumeration: `up` by older words, `down` by newer ones. What is not there is the same word in both. */
  z.strictObject({ do: z.literal('map'), at: Place, member: Name, up: Words, down: Words }),
  /** The same value in another type. */
  z.strictObject({
    do: z.literal('cast'),
    at: Place,
    member: Name,
    older: z.enum(['string', 'integer', 'boolean']),
    newer: z.enum(['string', 'integer', 'boolean']),
    /** Beside the type, what older versions say of it. */
    schema: Schema.default({}),
  }),
  /** Older versions have whole minor units, as text, beside a currency; newer ones an amount: `{ amount, currency }`. */
  z.strictObject({
    do: z.literal('money'),
    at: Place,
    member: Name,
    minor: Name,
    currency: Name,
  }),
  /** Older versions have one where newer ones have a list. */
  z.strictObject({ do: z.literal('list'), at: Place, member: Name }),
  /** Newer requests must have it; older ones may leave it out, and then it is `value`. */
  z.strictObject({ do: z.literal('require'), at: Place, member: Name, value: z.json() }),
  /** Newer answers may leave it out; older ones always have it, and then it is `value`. */
  z.strictObject({ do: z.literal('allow'), at: Place, member: Name, value: z.json() }),
  /** Older requests may be less narrow in what newer ones take as well: words of the schema as they were, null for none. */
  z.strictObject({ do: z.literal('widen'), at: Place, member: Name, older: Schema }),
])
export type Step = z.output<typeof Step>

export const ParameterStep = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('rename'), from: Name, to: Name }),
  /** Older versions do not have it; where newer ones need it, `value` stands in. */
  z.strictObject({ do: z.literal('add'), name: Name, value: z.string().optional() }),
  /** Only older versions take it, and nothing came of it. */
  z.strictObject({ do: z.literal('remove'), name: Name, schema: Schema }),
  z.strictObject({ do: z.literal('map'), name: Name, up: Words, down: Words }),
])
export type ParameterStep = z.output<typeof ParameterStep>

/** A refusal that newer versions word or number otherwise. */
export const RefusalStep = z.strictObject({
  code: z.string().regex(/^[a-z][a-z-]*\/[a-z][a-z-]*$/),
  older: z.strictObject({
    code: z.string().regex(/^[a-z][a-z-]*\/[a-z][a-z-]*$/),
    status: z.int().min(400).max(599),
  }),
})
export type RefusalStep = z.output<typeof RefusalStep>

export const OperationChange = z.strictObject({
  parameters: z.array(ParameterStep).max(20).default([]),
  request: z.array(Step).max(40).default([]),
  answer: z.array(Step).max(40).default([]),
  refusals: z.array(RefusalStep).max(20).default([]),
})
export type OperationChange = z.output<typeof OperationChange>

const Sentence = z.string().min(1).max(500)

export const Change = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]{2,79}$/),
  /** The first version that has it. */
  since: z.iso.date(),
  summary: z.strictObject({ en: Sentence, ru: Sentence, uz: Sentence }),
  operations: z.record(z.string(), OperationChange).default({}),
  /** Members of events, under `data`. */
  events: z.record(z.string(), z.array(Step).min(1).max(20)).default({}),
  /** What an older version can no longer tell: pointers, for people and for tests. */
  loses: z.array(z.string()).default([]),
})
export type Change = z.output<typeof Change>

/** Where a product's document keeps its changes. */
export const CHANGES = 'x-changes'
/** Where it says which older versions it brings with it. */
export const VERSIONS = 'x-versions'

/** The changes of a document, oldest first; those of one day in the order in which they stand there. */
export const changesOf = (document: Readonly<Record<string, unknown>>): readonly Change[] =>
  z
    .array(Change)
    .max(200)
    .default([])
    .parse(document[CHANGES])
    .toSorted((a, b) => (a.since < b.since ? -1 : a.since > b.since ? 1 : 0))

/** Those that stand between a version and the newest form, oldest first. */
export const changesAfter = (changes: readonly Change[], version: string): readonly Change[] =>
  changes.filter(({ since }) => since > version)
