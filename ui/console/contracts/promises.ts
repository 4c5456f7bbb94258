/** Service levels as a form holds them: a promise is some fields under one number. */
import type { Promised as PromisedNoun } from '#control/contracts/level-terms.ts'
import type { Filled } from '../../kit/fields.tsx'
import type { Wire } from '../../kit/wire.ts'

export type Promised = Wire<PromisedNoun>
export type Band = NonNullable<Promised['availability']>['bands'][number]

/** `99.9 = 5, 99 = 10`: below 99.9 % a twentieth is given back, below 99 % a tenth. What does not fit is refused by the server with its place. */
export const bandsIn = (text: string): Band[] =>
  text
    .split(/[,;\n]/)
    .filter((band) => band.trim() !== '')
    .map((band) => {
      const [below = '', percent = ''] = band.split('=').map((part) => part.trim())
      return { below, percent }
    })

export const bandsAs = (bands: readonly Band[]): string =>
  bands.map(({ below, percent }) => `${below} = ${percent}`).join(', ')

export const fieldOf = (place: number, name: string): string => `levels.${place}.${name}`

/** Parts that the form does not ask about stay as they were promised before. */
export const promisedIn = (
  { one }: Pick<Filled, 'one'>,
  place: number,
  before: Promised | undefined,
): Promised => {
  const value = (name: string) => one(fieldOf(place, name))
  const method = methods.find((known) => known === value('method'))
  const within = value('withinMs')
  const [, ...otherLatencies] = before?.latency ?? []
  return {
    product: value('product'),
    title: value('title'),
    availability: method
      ? {
          method,
          badPercent: before?.availability?.badPercent ?? '5',
          bands: bandsIn(value('bands')),
        }
      : null,
    latency: [
      ...(within === ''
        ? []
        : [{ withinMs: Number(within), bands: bandsIn(value('latencyBands')) }]),
      ...otherLatencies,
    ],
    ...(value('supportBands') !== '' && { support: { bands: bandsIn(value('supportBands')) } }),
    base: before?.base ?? 'product',
    capPercent: value('capPercent') || null,
    maintenance: before?.maintenance ?? null,
  }
}

export const methods = ['occurrences', 'timeslices', 'ratio-timeslices', 'consecutive'] as const
