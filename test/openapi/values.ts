/** Values that fit a JSON Schema, as arbitraries: of the words that our documents use. */
import fc from 'fast-check'
import { isTree, type Tree } from '#kernel/changes/index.ts'
import { Currency, moneyJson } from '#kernel/money.ts'

/** `schema` has its references written out. */
export const valuesOf = (schema: Tree): fc.Arbitrary<unknown> => {
  const { enum: words, type } = schema
  if ('const' in schema) return fc.constant(schema['const'])
  if (Array.isArray(words)) return fc.constantFrom<unknown>(...(words as unknown[]))
  for (const word of ['oneOf', 'anyOf']) {
    const branches = schema[word]
    if (Array.isArray(branches)) {
      const { [word]: _, ...around } = schema
      return fc.oneof(
        ...branches.filter(isTree).map((branch) => valuesOf({ ...around, ...branch })),
      )
    }
  }
  const types: unknown[] = Array.isArray(type) ? type : [type]
  const named = types.filter((one) => one !== 'null').map((one) => ofType(String(one), schema))
  const all = types.includes('null') ? [...named, fc.constant(null)] : named
  return fc.oneof(...all)
}

const number = (schema: Tree, name: string, otherwise: number): number => {
  const value = schema[name]
  return typeof value === 'number' ? value : otherwise
}

const ofType = (type: string, schema: Tree): fc.Arbitrary<unknown> => {
  switch (type) {
    case 'boolean':
      return fc.boolean()
    case 'integer':
    case 'number':
      return fc.integer({
        min: number(schema, 'minimum', 0),
        max: number(schema, 'maximum', 1_000_000),
      })
    case 'array':
      return fc.array(isTree(schema['items']) ? valuesOf(schema['items']) : fc.string(), {
        minLength: number(schema, 'minItems', 0),
        maxLength: Math.min(number(schema, 'maxItems', 3), 3),
      })
    case 'object':
    case 'undefined':
      return objectOf(schema)
    default:
      return textOf(schema)
  }
}

/** Amounts as the bank writes them: with as many decimals as the currency has. */
const amounts = fc
  .record({
    minor: fc.bigInt({ min: 0n, max: 10n ** 12n }),
    currency: fc.constantFrom(...Currency.options),
  })
  .map(moneyJson)

const objectOf = (schema: Tree): fc.Arbitrary<unknown> => {
  const properties = isTree(schema['properties']) ? schema['properties'] : {}
  if (Object.keys(properties).toSorted().join(' ') === 'amount currency') return amounts
  const required = Array.isArray(schema['required']) ? schema['required'].map(String) : []
  return fc.record(
    Object.fromEntries(
      Object.entries(properties).flatMap(([name, inner]) =>
        isTree(inner) ? [[name, valuesOf(inner)] as const] : [],
      ),
    ),
    { requiredKeys: required.filter((name) => name in properties), noNullPrototype: true },
  )
}

const moments = fc.date({
  min: new Date('2020-01-01T00:00:00Z'),
  max: new Date('2030-01-01T00:00:00Z'),
  noInvalidDate: true,
})

const textOf = (schema: Tree): fc.Arbitrary<unknown> => {
  const { pattern, format } = schema
  if (typeof pattern === 'string') return fc.stringMatching(new RegExp(pattern, 'u'))
  if (format === 'date-time') return moments.map((moment) => moment.toISOString())
  if (format === 'date') return moments.map((moment) => moment.toISOString().slice(0, 10))
  return fc.string({
    minLength: number(schema, 'minLength', 0),
    maxLength: Math.min(number(schema, 'maxLength', 40), 40),
  })
}
