/** Templates and their clauses. A clause is worded once for each of its versions, with words that the terms fill. Pure. */
import { z } from 'zod'
import { type FieldError, problem } from '#kernel/problem.ts'
import { assert } from '#kernel/assert.ts'

/** What a clause's text may name, in braces; the terms of the contract give it. */
export const words = [
  'bank',
  'partner',
  'products',
  'tier',
  'limits',
  'price-version',
  'currency',
  'levels',
  'support',
  'notice-breaking',
  'notice-price',
  'notice-end',
  'withheld',
] as const
export type Word = (typeof words)[number]

export const Clause = z.object({
  id: z.string().regex(/^[a-z][a-z-]{1,30}$/),
  version: z.int().min(1),
  title: z.string().trim().min(1).max(120),
  text: z.string().trim().min(1).max(4_000),
})
export type Clause = z.output<typeof Clause>

/** Which version of which clause, in the order of the paper. */
export const Template = z.object({ id: z.string(), clauses: z.record(z.string(), z.int().min(1)) })
export type Template = z.output<typeof Template>

export const clauseRefused = problem('contracts/clause-refused', 422, 'The clause cannot stand')
export const templateNotFound = problem('contracts/template-not-found', 404, 'No such template')

/**
 * What a machine enforces must stand in the text that people sign: a clause that says it names the word that it comes
 * from, so that no wording can promise something else.
 */
const mustName: Readonly<Record<string, readonly Word[]>> = {
  use: ['products'],
  price: ['price-version', 'currency'],
  limits: ['tier', 'limits'],
  levels: ['levels'],
  support: ['support'],
  notice: ['notice-breaking', 'notice-price', 'notice-end'],
  withheld: ['withheld'],
}

const clause = (id: string, title: string, text: string): Clause => ({
  id,
  version: 1,
  title,
  text,
})

/** As this release words them. */
export const firstClauses: readonly Clause[] = [
  clause(
    'use',
    'What you may use',
    '{partner} may call these products of {bank}: {products}; for what its licence and its customers’ consents allow, and for no other purpose.',
  ),
  clause(
    'price',
    'Price',
    'Each call that the bank answered and delivered costs the unit price of its operation in price version {price-version}, in {currency}. Refused calls, failures of the bank and repeated answers to the same idempotency key are not charged. What the law opens without a price is not charged. A line of an invoice is rounded once, half up.',
  ),
  clause(
    'limits',
    'Limits',
    'Tier {tier}: {limits}. Where several apply, the most restrictive one decides. A call beyond a limit is refused and told when to return.',
  ),
  clause(
    'levels',
    'Service levels',
    '{bank} promises: {levels}. They are judged each month by the partner’s own calls; what was not kept is credited on the next invoice without a claim.',
  ),
  clause(
    'support',
    'Support',
    'What {partner} asks {bank} for help with is first answered by urgency: {support}.',
  ),
  clause(
    'keys',
    'Keys and secrets',
    'Private keys stay with {partner}. A key that may be known to others is revoked at once in the portal; calls made before that count as made by {partner}.',
  ),
  clause(
    'data',
    'Data',
    'Data of customers is used for the purpose that they consented to, and erased when their consent ends, unless a law asks to keep it. Card numbers are received only by systems in the scope of a valid attestation.',
  ),
  clause(
    'stop',
    'Stopping',
    '{bank} may suspend access at once, with the reason, where a licence, an attestation, the law or the safety of customers asks for it. To restore it takes two people of the bank.',
  ),
  clause(
    'notice',
    'Notice',
    'A breaking change is told at least {notice-breaking} months ahead, a higher price at least {notice-price} days. Either side may end this agreement with {notice-end} days’ notice; payments of customers under way are completed.',
  ),
  clause(
    'evidence',
    'Evidence',
    'Every call, decision and change is written to a journal that neither side can rewrite. Each side may verify its own entries at any time.',
  ),
  clause(
    'signatures',
    'Signed messages',
    '{partner} signs every request that creates or moves something with a key that it registered, and {bank} signs its answer. What is not signed is refused. Neither side denies what it signed.',
  ),
  clause(
    'withheld',
    'Fields that are left out',
    'Of what {partner} could get, it gets less, because its purpose does not need it. Whatever a customer consents to, answers leave out: {withheld}. In a name, * stands for every item of a list; what holds other fields is left out with all of them.',
  ),
]

/** As this release puts them together; templates that the bank makes from it are numbered behind a point. */
export const firstTemplate: Template = {
  id: '4',
  clauses: Object.fromEntries(firstClauses.map(({ id, version }) => [id, version])),
}

/** What releases before this one brought, and contracts stand on: an amendment keeps the wording that was signed. */
export const olderTemplates: readonly Template[] = [
  {
    id: '3',
    clauses: Object.fromEntries(
      Object.entries(firstTemplate.clauses).filter(([id]) => id !== 'support'),
    ),
  },
]

const namedIn = (text: string): string[] =>
  [...text.matchAll(/\{([^{}]*)\}/g)].map(([, word = '']) => word)

const isWord = (word: string): word is Word => words.some((known) => known === word)

/** Every mistake of a wording, with its place. */
export const clauseFaults = ({ id, text }: Pick<Clause, 'id' | 'text'>): FieldError[] => [
  ...namedIn(text)
    .filter((word) => !isWord(word))
    .map((word) => ({
      pointer: '/text',
      code: 'unknown',
      detail: `{${word}} is no word of a contract; ${words.join(', ')} are`,
    })),
  ...(mustName[id] ?? [])
    .filter((word) => !namedIn(text).includes(word))
    .map((word) => ({
      pointer: '/text',
      code: 'missing',
      detail: `what {${word}} stands for is enforced, so the clause must say it`,
    })),
]

/** A clause with the words of these terms. */
export const filled = ({ text }: Pick<Clause, 'text'>, terms: Readonly<Record<Word, string>>) =>
  text.replaceAll(/\{([^{}]*)\}/g, (_, word: string) => {
    assert(isWord(word), 'a wording was checked before it was kept')
    return terms[word]
  })
