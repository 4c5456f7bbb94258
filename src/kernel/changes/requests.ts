/** What changes do to the other parts of a request: its query, and the places that a refusal of it names. */
import type { ParameterStep, Step } from './change.ts'

/** A query of an older version as the newest one reads it. Only plain pairs come here: who checked it knows each by name. */
export const raisedQuery = (steps: readonly ParameterStep[]): ((query: string) => string) =>
  together(steps.map(raised))

const together =
  (each: readonly ((pairs: readonly Pair[]) => readonly Pair[])[]) =>
  (query: string): string =>
    each
      .reduce<readonly Pair[]>((pairs, step) => step(pairs), pairsOf(query))
      .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
      .join('&')

type Pair = readonly [name: string, value: string]

const pairsOf = (query: string): Pair[] =>
  query === ''
    ? []
    : query.split('&').map((pair) => {
        const equals = pair.indexOf('=')
        const [name, value] =
          equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)]
        return [decodeURIComponent(name), decodeURIComponent(value)]
      })

const raised =
  (step: ParameterStep) =>
  (pairs: readonly Pair[]): readonly Pair[] => {
    switch (step.do) {
      case 'rename':
        return pairs.map(([name, value]) => [name === step.from ? step.to : name, value])
      case 'remove':
        return pairs.filter(([name]) => name !== step.name)
      case 'map':
        return pairs.map(([name, value]) => [
          name,
          name === step.name && Object.hasOwn(step.up, value) ? (step.up[value] ?? value) : value,
        ])
      case 'add':
        return step.value === undefined || pairs.some(([name]) => name === step.name)
          ? pairs
          : [...pairs, [step.name, step.value]]
    }
  }

/** The place in an older request that a place in the newest one came from (RFC 6901). */
export const lowerPointer =
  (steps: readonly Step[], parameters: readonly ParameterStep[]) =>
  (pointer: string): string => {
    let lowered = pointer
    for (const step of steps.toReversed()) lowered = lowerOne(step, lowered)
    for (const step of parameters.toReversed())
      if (step.do === 'rename' && lowered === `/query/${step.to}`) lowered = `/query/${step.from}`
    return lowered
  }

const lowerOne = (step: Step, pointer: string): string => {
  if (step.do === 'rename') return elsewhere(pointer, step.at, `/${step.to}`, `/${step.from}`)
  if (step.do === 'move') return elsewhere(pointer, step.at, step.to, step.from)
  if (step.do === 'money') {
    const amount = elsewhere(pointer, step.at, `/${step.member}/amount`, `/${step.minor}`)
    const currency = elsewhere(amount, step.at, `/${step.member}/currency`, `/${step.currency}`)
    return elsewhere(currency, step.at, `/${step.member}`, `/${step.minor}`)
  }
  return pointer
}

const elsewhere = (pointer: string, place: string, newer: string, older: string): string => {
  const names = pointer.split('/')
  const pattern = `${place}${newer}`.split('/')
  const fits = pattern.every(
    (name, i) => (name === '*' ? /^\d+$/ : null)?.test(names[i] ?? '') ?? name === names[i],
  )
  if (!fits) return pointer
  const before = names.slice(0, place.split('/').length).join('/')
  return [`${before}${older}`, ...names.slice(pattern.length)].join('/')
}
