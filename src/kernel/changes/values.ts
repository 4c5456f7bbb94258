/** What the steps of a change do to values: bodies brought forward to the newest form, or back to an older one. */
import { amountOf, Currency, minorOf } from '../money.ts'
import type { Step } from './change.ts'

/** A JSON object whose inside is not known. */
export type Tree = Record<string, unknown>

export const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Changes a value where it stands; answers it, for the whole of it may be another one. */
export type Rewrite = (value: unknown) => unknown

const namesOf = (pointer: string) => pointer.split('/').slice(1)

/** Makes one function of many steps. */
export const bringUp = (steps: readonly Step[]): Rewrite => together(steps.map(up))
export const bringDown = (steps: readonly Step[]): Rewrite => together(steps.toReversed().map(down))

const together = (each: readonly Rewrite[]): Rewrite => {
  const [only] = each
  if (each.length === 1 && only) return only
  return (value) => each.reduce((rewritten, step) => step(rewritten), value)
}

/** Does something to every object at a place. What is not there, or no object, is left as it is. */
const at = (place: string, change: (object: Tree) => void): Rewrite => {
  const names = namesOf(place)
  const walk = (value: unknown, depth: number): void => {
    const name = names[depth]
    if (name === undefined) {
      if (isTree(value)) change(value)
    } else if (name === '*') {
      if (Array.isArray(value)) for (const item of value) walk(item, depth + 1)
    } else if (isTree(value) && Object.hasOwn(value, name)) walk(value[name], depth + 1)
  }
  return (value) => {
    walk(value, 0)
    return value
  }
}

const renamed = (from: string, to: string) => (object: Tree) => {
  if (!Object.hasOwn(object, from)) return
  object[to] = object[from]
  delete object[from]
}

/** Takes a member from where it is; objects that are left empty by that are taken away too. */
const taken = (object: Tree, names: readonly string[]): { value: unknown } | undefined => {
  const [name, ...rest] = names
  if (name === undefined || !Object.hasOwn(object, name)) return undefined
  const value = object[name]
  if (rest.length === 0) {
    delete object[name]
    return { value }
  }
  if (!isTree(value)) return undefined
  const found = taken(value, rest)
  if (found && Object.keys(value).length === 0) delete object[name]
  return found
}

const put = (object: Tree, names: readonly string[], value: unknown): void => {
  const [name, ...rest] = names
  if (name === undefined) return
  if (rest.length === 0) {
    object[name] = value
    return
  }
  const held = object[name]
  const inner: Tree = isTree(held) ? held : {}
  object[name] = inner
  put(inner, rest, value)
}

const moved = (from: string, to: string) => (object: Tree) => {
  const found = taken(object, namesOf(from))
  if (found) put(object, namesOf(to), found.value)
}

const mapped = (member: string, words: Readonly<Record<string, string>>) => (object: Tree) => {
  const value = object[member]
  if (typeof value === 'string' && Object.hasOwn(words, value)) object[member] = words[value]
  else if (Array.isArray(value))
    object[member] = value.map((one: unknown) =>
      typeof one === 'string' && Object.hasOwn(words, one) ? words[one] : one,
    )
}

type Scalar = 'string' | 'integer' | 'boolean'

/** What cannot be said in the other type stays as it is, and whoever checks it behind us says so. */
const cast = (member: string, to: Scalar) => (object: Tree) => {
  const value = object[member]
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return
  const text = String(value)
  if (to === 'string') object[member] = text
  else if (to === 'integer') {
    if (value === true || value === false) object[member] = value ? 1 : 0
    else if (/^-?(?:0|[1-9]\d{0,14})$/.test(text)) object[member] = Number(text)
  } else if (text === 'true' || text === '1') object[member] = true
  else if (text === 'false' || text === '0') object[member] = false
}

const added = (member: string, value: unknown) => (object: Tree) => {
  if (!Object.hasOwn(object, member)) object[member] = structuredClone(value)
}

const dropped = (member: string) => (object: Tree) => void delete object[member]

type MoneyStep = Extract<Step, { do: 'money' }>

const moneyUp =
  ({ member, minor, currency }: MoneyStep) =>
  (object: Tree) => {
    const units = object[minor]
    const name = Currency.safeParse(object[currency])
    if (typeof units !== 'string' || !/^-?\d{1,18}$/.test(units) || !name.success) return
    delete object[minor]
    delete object[currency]
    object[member] = {
      amount: amountOf({ minor: BigInt(units), currency: name.data }),
      currency: name.data,
    }
  }

const moneyDown =
  ({ member, minor, currency }: MoneyStep) =>
  (object: Tree) => {
    const held = object[member]
    if (!isTree(held)) return
    const name = Currency.safeParse(held['currency'])
    const amount = held['amount']
    if (!name.success || typeof amount !== 'string') return
    const units = minorOf(amount, name.data)
    if (units === undefined) return
    delete object[member]
    object[minor] = String(units)
    object[currency] = name.data
  }

const up = (step: Step): Rewrite => {
  switch (step.do) {
    case 'rename':
      return at(step.at, renamed(step.from, step.to))
    case 'move':
      return at(step.at, moved(step.from, step.to))
    case 'add':
      return step.value === undefined
        ? (value) => value
        : at(step.at, added(step.member, step.value))
    case 'require':
      return at(step.at, added(step.member, step.value))
    case 'remove':
      return at(step.at, dropped(step.member))
    case 'map':
      return at(step.at, mapped(step.member, step.up))
    case 'cast':
      return at(step.at, cast(step.member, step.newer))
    case 'money':
      return at(step.at, moneyUp(step))
    case 'list':
      return at(step.at, (object) => {
        if (Object.hasOwn(object, step.member)) object[step.member] = [object[step.member]]
      })
    case 'allow':
    case 'widen':
      return (value) => value
  }
}

const down = (step: Step): Rewrite => {
  switch (step.do) {
    case 'rename':
      return at(step.at, renamed(step.to, step.from))
    case 'move':
      return at(step.at, moved(step.to, step.from))
    case 'add':
      return at(step.at, dropped(step.member))
    case 'remove':
    case 'allow':
      return at(step.at, added(step.member, step.value))
    case 'map':
      return at(step.at, mapped(step.member, step.down))
    case 'cast':
      return at(step.at, cast(step.member, step.older))
    case 'money':
      return at(step.at, moneyDown(step))
    case 'list':
      return at(step.at, (object) => {
        const held: unknown = object[step.member]
        if (!Array.isArray(held)) return
        if (held.length === 0) delete object[step.member]
        else object[step.member] = held[0]
      })
    case 'require':
    case 'widen':
      return (value) => value
  }
}
