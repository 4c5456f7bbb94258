/** What makes the documents one voice. The gateway refuses what is unsafe; these refuse what is unlike the others. */
import { misfit, resolved, Schema } from '../documents.ts'
import { refusals } from './refusals.ts'
import {
  askedOf,
  documentOf,
  isLeaf,
  mediaOf,
  membersOf,
  operationsOf,
  parametersOf,
  type Rule,
  schemasOf,
} from './rule.ts'

/** Parameters that are the same wherever they stand. */
const spelling: Readonly<Record<string, string>> = {
  cursor: '^[A-Za-z0-9_.-]{1,512}$',
  'Idempotency-Key': '^"?[A-Za-z0-9._-]{16,64}"?$',
  'x-fapi-interaction-id': '^[0-9A-Fa-f-]{32,36}$',
  'Api-Version': String.raw`^\d{4}-\d{2}-\d{2}$`,
}

const isSentence = (text: unknown) => typeof text === 'string' && /^[\p{Lu}`].{5,}/u.test(text)

const operationsAreTold: Rule = {
  name: 'every operation has a summary that is a title, and one tag that the document describes',
  broken: function* (ruled) {
    const known = new Set(documentOf(ruled).tags.map(({ name }) => name))
    for (const { operation } of operationsOf(ruled)) {
      const { operationId, summary, tags } = operation
      if (!isSentence(summary) || summary?.endsWith('.')) yield `${operationId}: summary ${summary}`
      if (tags.length !== 1 || !known.has(tags[0] ?? ''))
        yield `${operationId}: tags ${tags.join()}`
    }
  },
}

const tagsAreTold: Rule = {
  name: 'every tag says what is behind it',
  broken: function* (ruled) {
    for (const { name, description } of documentOf(ruled).tags)
      if (!isSentence(description)) yield name
  },
}

const writesAreTold: Rule = {
  name: 'every operation that writes has a description beyond its summary',
  broken: function* (ruled) {
    for (const { method, operation } of operationsOf(ruled))
      if (method === 'POST' && !isSentence(operation.description)) yield operation.operationId
  },
}

const addressesAreNouns: Rule = {
  name: 'an address is the domain, its major version and nouns with hyphens; ids in braces end in Id',
  broken: function* (ruled) {
    for (const { path } of operationsOf(ruled)) {
      const shape = new RegExp(
        `^/${ruled.product}/v1(/[a-z]+(-[a-z]+)*|/\\{([a-z][A-Za-z]*Id|day)\\})+$`,
      )
      if (!shape.test(path)) yield path
    }
  },
}

const refusalsAreShown: Rule = {
  name: 'every operation shows all that the gateway may refuse it, and nothing that it never would',
  broken: function* (ruled) {
    for (const placed of operationsOf(ruled)) {
      const { operationId, responses } = placed.operation
      const asked = askedOf(placed)
      const shown = new Set(
        Object.values(responses).flatMap((node) =>
          mediaOf(ruled.raw, node)
            .filter(({ type }) => type === 'application/problem+json')
            .flatMap((media) => media.shown.map(([name]) => name)),
        ),
      )
      for (const { code, of = () => true } of refusals) {
        const is = shown.has(code.replace('/', '-'))
        if (is !== of(asked)) yield `${operationId} ${is ? 'never hears' : 'lacks'} ${code}`
      }
    }
  },
}

const everyAnswerIsShown: Rule = {
  name: 'every JSON answer and request has an example, and each fits its schema',
  broken: function* (ruled) {
    const { raw, product } = ruled
    const looked = new Set<object>()
    for (const { operation } of operationsOf(ruled)) {
      const { operationId, responses } = operation
      const asked = operation['requestBody']
      const places = [
        ...(asked === undefined ? [] : [['request', asked] as const]),
        ...Object.entries(responses),
      ]
      for (const [what, node] of places)
        for (const media of mediaOf(raw, node)) {
          const { type, schema, shown } = media
          if (!type.endsWith('json') || looked.has(media)) continue
          looked.add(media)
          if (shown.length === 0) yield `${operationId} ${what} shows nothing`
          for (const [name, value] of shown) {
            const wrong = misfit(product, schema, value)
            if (wrong !== undefined) yield `${operationId} ${what} ${name}: ${wrong}`
          }
        }
    }
  },
}

const problemsAreNamed: Rule = {
  name: 'the example of a problem stands under its code, says its own status, and its type is its page',
  broken: function* (ruled) {
    for (const { operation } of operationsOf(ruled))
      for (const [status, node] of Object.entries(operation.responses))
        for (const { type, shown } of mediaOf(ruled.raw, node)) {
          if (type !== 'application/problem+json') continue
          for (const [name, value] of shown) {
            const { code, status: its, type: page } = Schema.parse(value)
            const place = `${operation.operationId} ${status} ${name}`
            if (String(its) !== status) yield `${place} says ${String(its)}`
            if (name !== String(code).replace('/', '-')) yield `${place} is ${String(code)}`
            if (!String(page).startsWith('https:')) yield `${place} has the type ${String(page)}`
          }
        }
  },
}

const problemsAreShownAlike: Rule = {
  name: 'a refusal of the gateway has its own status and title, and of one code one example is shown',
  broken: function* (ruled) {
    const seen = new Map<string, string>()
    for (const { operation } of operationsOf(ruled))
      for (const node of Object.values(operation.responses))
        for (const { type, shown } of mediaOf(ruled.raw, node)) {
          if (type !== 'application/problem+json') continue
          for (const [, value] of shown) {
            const { code, status, title } = Schema.parse(value)
            const own = refusals.find((one) => one.code === code)
            if (own && (own.status !== status || own.title !== title))
              yield `${String(code)} is ${String(status)} ${String(title)}`
            const text = JSON.stringify(value)
            if ((seen.get(String(code)) ?? text) !== text)
              yield `${String(code)} is shown in two ways`
            seen.set(String(code), text)
          }
        }
  },
}

const moneyIsMoney: Rule = {
  name: 'an amount is decimal text beside its currency, and nowhere a number',
  broken: function* (ruled) {
    for (const { place, name, schema } of membersOf(ruled)) {
      if (!/^amount$|[a-z]Amount$|^(fee|cost|price|principal|interest)$/.test(name)) continue
      if (schema['type'] === 'number' || schema['type'] === 'integer') yield place
    }
    for (const { place, schema } of schemasOf(ruled)) {
      const members = Object.keys(Schema.parse(schema['properties'] ?? {}))
      const { amount } = Schema.parse(schema['properties'] ?? {})
      if (amount === undefined || resolved(ruled.raw, amount)['type'] !== 'string') continue
      if (members.toSorted().join() !== 'amount,currency') yield `${place} is ${members.join()}`
      if (resolved(ruled.raw, amount)['pattern'] === undefined)
        yield `${place}.amount has no pattern`
    }
  },
}

const listsArePages: Rule = {
  name: 'a list is { data, next }, and so is every operation that is called list…',
  broken: function* (ruled) {
    for (const { operation } of operationsOf(ruled)) {
      const { operationId, responses } = operation
      if (responses['200'] === undefined || !operationId.startsWith('list')) continue
      for (const { schema } of mediaOf(ruled.raw, responses['200'])) {
        const { properties, required } = resolved(ruled.raw, schema)
        const names = Object.keys(Schema.parse(properties ?? {}))
        if (!names.includes('data') || !names.includes('next'))
          yield `${operationId}: ${names.join()}`
        if (!Array.isArray(required) || !required.includes('data') || !required.includes('next'))
          yield `${operationId}: data and next may be missing`
      }
    }
  },
}

const idsSayWhatTheyAre: Rule = {
  name: 'an id that we give has the pattern of its word and 32 hexadecimal digits',
  broken: function* (ruled) {
    for (const { place, name, schema } of membersOf(ruled)) {
      if (!name.endsWith('Id') || notOurs.has(name)) continue
      if (!/^\^\w+_\[0-9a-f\]\{32\}\$$/.test(String(schema['pattern']))) yield place
    }
  },
}
/** Named by the partner, by the law, or a word of a list. */
const notOurs = new Set(['legId', 'nationalId', 'productId', 'decisionId', 'orderId'])

const writesHappenOnce: Rule = {
  name: 'every POST takes an Idempotency-Key, and says whether it must',
  broken: function* (ruled) {
    for (const { method, operation } of operationsOf(ruled)) {
      const keys = parametersOf(ruled.raw, operation).filter(
        ({ name }) => name === 'Idempotency-Key',
      )
      const said = operation['x-idempotency']
      const right = method === 'POST' ? keys.length === 1 && said !== undefined : keys.length === 0
      if (!right) yield operation.operationId
    }
  },
}

const parametersAreSpelledAlike: Rule = {
  name: 'a parameter of one name has one spelling everywhere, and every call can be told from another',
  broken: function* (ruled) {
    for (const { operation } of operationsOf(ruled)) {
      const { operationId } = operation
      const parameters = parametersOf(ruled.raw, operation)
      for (const { name, schema } of parameters)
        if (spelling[name] !== undefined && schema['pattern'] !== spelling[name])
          yield `${operationId}: ${name} is ${String(schema['pattern'])}`
      for (const name of ['x-fapi-interaction-id', 'Api-Version'])
        if (!parameters.some((one) => one.name === name)) yield `${operationId} lacks ${name}`
    }
  },
}

const everythingIsClosed: Rule = {
  name: 'every object lists its members and takes no others',
  broken: function* (ruled) {
    for (const { place, schema } of schemasOf(ruled))
      if (schema['type'] === 'object' && schema['additionalProperties'] !== false) yield place
  },
}

const leavesHaveClasses: Rule = {
  name: 'every leaf has a data class, whether it is asked for, answered, or stands in an address',
  broken: function* (ruled) {
    const lacks = (schema: Record<string, unknown>) =>
      isLeaf(schema) && schema['x-data-class'] === undefined
    for (const { place, schema } of schemasOf(ruled)) if (lacks(schema)) yield place
    for (const { operation } of operationsOf(ruled))
      for (const { name, schema } of parametersOf(ruled.raw, operation))
        if (lacks(resolved(ruled.raw, schema))) yield `${operation.operationId}: ${name}`
  },
}

const wordsAreEnums: Rule = {
  name: 'a status is a list of words of one case',
  broken: function* (ruled) {
    for (const { place, name, schema } of membersOf(ruled)) {
      if (name !== 'status' || notOurWords.has(place)) continue
      const words = Array.isArray(schema['enum']) ? schema['enum'].map(String) : []
      const alike = [/^[A-Z_]+$/, /^[a-z_]+$/, /^([A-Z][a-z]+)+$/]
      if (words.length === 0 || !alike.some((form) => words.every((word) => form.test(word))))
        yield `${place}: ${words.join()}`
    }
  },
}

/** Of HTTP; of whatever an event is about, whose own document lists the words. */
const notOurWords = new Set(['Problem.status', 'EventList.data[].data.status', 'Event.data.status'])

const transitionsEnd: Rule = {
  name: 'a table of transitions names only its own states, and leads somewhere to an end',
  broken: function* (ruled) {
    for (const [noun, table] of Object.entries(documentOf(ruled)['x-transitions'])) {
      for (const [from, to] of Object.entries(table))
        for (const next of to) if (!(next in table)) yield `${noun}: ${from} to ${next}`
      if (!Object.values(table).some((to) => to.length === 0)) yield `${noun} never ends`
    }
  },
}

const webhooksAreTold: Rule = {
  name: 'every webhook has the name of its event, the members that every event has, and an example that fits',
  broken: function* (ruled) {
    for (const [name, { post }] of Object.entries(documentOf(ruled).webhooks)) {
      if (!new RegExp(`^${ruled.product}\\.[a-z]+(-[a-z]+)*$`).test(name)) yield name
      if (!isSentence(post.summary)) yield `${name}: summary ${post.summary}`
      for (const { schema, shown } of mediaOf(ruled.raw, post['requestBody'])) {
        const members = Object.keys(Schema.parse(resolved(ruled.raw, schema)['properties'] ?? {}))
        // A question is answered, and so has a form of its own.
        if (post.responses['200'] === undefined && members.join() !== 'type,timestamp,data')
          yield `${name} is ${members.join()}`
        if (shown.length === 0) yield `${name} shows nothing`
        for (const [, value] of shown) {
          const wrong = misfit(ruled.product, schema, value)
          if (wrong !== undefined) yield `${name}: ${wrong}`
        }
      }
    }
  },
}

export const rules: readonly Rule[] = [
  operationsAreTold,
  tagsAreTold,
  writesAreTold,
  addressesAreNouns,
  refusalsAreShown,
  everyAnswerIsShown,
  problemsAreNamed,
  problemsAreShownAlike,
  moneyIsMoney,
  listsArePages,
  idsSayWhatTheyAre,
  writesHappenOnce,
  parametersAreSpelledAlike,
  everythingIsClosed,
  leavesHaveClasses,
  wordsAreEnums,
  transitionsEnd,
  webhooksAreTold,
]
