/** Finds operations, events, members, refusal codes and guides by the words of a reader. */
import MiniSearch from 'minisearch'

export type FoundKind = 'operation' | 'event' | 'member' | 'refusal' | 'guide'

export interface Findable {
  readonly kind: FoundKind
  readonly title: string
  /** Where it stands, in the portal. */
  readonly address: string
  /** What it belongs to: a product, a guide. */
  readonly within: string
  /** More words to be found by. */
  readonly text: string
}

export type Found = Omit<Findable, 'text'>

export interface Search {
  find(words: string, most?: number): Found[]
}

/** Uzbek in Latin letters is typed with four signs for one; case and camelCase tell nothing apart either. */
const fold = (term: string): string =>
  term
    .normalize('NFKD')
    .replaceAll(/[\u0300-\u036f'’‘ʻʼ`]/g, '')
    .toLowerCase()

const tokens = (text: string): string[] =>
  text
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .split(/[^\p{L}\p{N}'’‘ʻʼ`]+/u)
    .filter((token) => token !== '')

const weight: Readonly<Record<FoundKind, number>> = {
  operation: 3,
  event: 2,
  // Who asks by an idea and not by a name wants it explained.
  guide: 6,
  refusal: 1.5,
  member: 1,
}

export const openSearch = (findables: readonly Findable[]): Search => {
  const index = new MiniSearch<Findable & { id: number }>({
    fields: ['title', 'within', 'text'],
    storeFields: ['kind', 'title', 'address', 'within'],
    tokenize: tokens,
    processTerm: fold,
    searchOptions: {
      boost: { title: 4, within: 1.5 },
      prefix: true,
      fuzzy: (term) => (term.length > 4 ? 0.2 : false),
      combineWith: 'AND',
      boostDocument: (_id, _term, stored) => weight[kindOf(stored?.['kind'])],
    },
  })
  index.addAll(findables.map((findable, id) => ({ ...findable, id })))
  return {
    find: (words, most = 20) =>
      index
        .search(words)
        .slice(0, most)
        .map((found) => {
          const { title, address, within } = findables[Number(found.id)] ?? nothing
          return { kind: kindOf(found['kind']), title, address, within }
        }),
  }
}

const nothing = { title: '', address: '/', within: '' }
const kindOf = (kind: unknown): FoundKind =>
  kind === 'operation' || kind === 'event' || kind === 'refusal' || kind === 'guide'
    ? kind
    : 'member'
