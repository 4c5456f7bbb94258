/**
 * The document of an older version, made of the newest one and the changes between them: so what an older version says of
 * itself and how it is served cannot come apart.
 */
import {
  type Change,
  CHANGES,
  changesAfter,
  changesOf,
  type OperationChange,
  type ParameterStep,
  type RefusalStep,
  VERSIONS,
} from './change.ts'
import { changeSchema, ChangeUnfit, inlined, listAt, objectIn, wordsBefore } from './schemas.ts'
import { bringDown, isTree, type Tree } from './values.ts'

export { ChangeUnfit } from './schemas.ts'

const methods = ['get', 'put', 'post', 'delete', 'patch']

/** The operation of this name, with the item of its path. */
const operationNamed = (document: Tree, id: string): { operation: Tree; item: Tree } => {
  for (const item of Object.values(objectIn(document, 'paths')))
    if (isTree(item))
      for (const method of methods) {
        const operation = item[method]
        if (isTree(operation) && operation['operationId'] === id) return { operation, item }
      }
  throw new ChangeUnfit(`no operation is called ${id}`)
}

/** The document as it was for callers of a version. Throws `ChangeUnfit` where a change does not fit what it changes. */
export const documentAt = (newest: Readonly<Tree>, version: string): Tree => {
  const changes = changesOf(newest)
  // Not a structured clone: examples that share a place in the source would be changed twice.
  const document = treeOf(JSON.parse(JSON.stringify(newest)))
  const older = listAt(document, CHANGES).filter(
    (change) => isTree(change) && String(change['since']) <= version,
  )
  delete document[CHANGES]
  if (older.length > 0) document[CHANGES] = older
  for (const change of changesAfter(changes, version).toReversed()) takeBack(document, change)
  const versions = listAt(document, VERSIONS).filter((day) => String(day) < version)
  delete document[VERSIONS]
  if (versions.length > 0) document[VERSIONS] = versions
  const info = objectIn(document, 'info')
  if (String(info['version']) > version) info['version'] = version
  return document
}

const treeOf = (value: unknown): Tree => {
  if (!isTree(value)) throw new ChangeUnfit('a document is an object')
  return value
}

const takeBack = (document: Tree, change: Change) => {
  for (const [id, steps] of Object.entries(change.operations))
    try {
      operationBefore(document, id, steps)
    } catch (error) {
      if (!(error instanceof ChangeUnfit)) throw error
      throw new ChangeUnfit(`${change.id}, ${id}: ${error.message}`)
    }
  for (const [type, steps] of Object.entries(change.events)) {
    const event = objectIn(document, 'webhooks')[type]
    if (!isTree(event)) throw new ChangeUnfit(`${change.id}: no event is called ${type}`)
    const media = mediaOf(document, objectIn(event, 'post'), 'requestBody')
    const data = steps.map((step) => ({ ...step, at: `/data${step.at}` }))
    for (const step of data.toReversed()) changeSchema(document, media, step, 'answer')
    bringExamples(media, bringDown(data))
  }
}

const operationBefore = (document: Tree, id: string, change: OperationChange) => {
  const { operation, item } = operationNamed(document, id)
  if (change.parameters.length > 0) parametersBefore(document, operation, item, change.parameters)
  if (change.request.length > 0) {
    const media = mediaOf(document, operation, 'requestBody')
    for (const step of change.request.toReversed()) changeSchema(document, media, step, 'request')
    bringExamples(media, bringDown(change.request))
  }
  if (change.answer.length > 0) answersBefore(document, operation, change)
  for (const step of change.refusals.toReversed()) refusalBefore(document, operation, step)
}

/** Examples of problems stand under their codes, a stroke written as a hyphen. */
const nameOf = (code: string) => code.replaceAll('/', '-')
const PROBLEM = 'application/problem+json'

/** The problem that a newer version words or numbers otherwise stands under its older code, at its older status. */
const refusalBefore = (document: Tree, operation: Tree, { code, older }: RefusalStep) => {
  const responses = objectIn(operation, 'responses')
  if (!(older.status in responses))
    throw new ChangeUnfit(`its document does not declare ${older.status}`)
  const examplesOf = (status: string): Tree | undefined => {
    const content = inlined(document, responses, status)['content']
    const media = isTree(content) ? inlined(document, content, PROBLEM) : undefined
    return media && isTree(media['examples']) ? media['examples'] : undefined
  }
  const from = Object.keys(responses)
    .filter((status) => /^[45]/.test(status) && hasProblems(document, responses[status]))
    .map(examplesOf)
    .find((examples) => examples !== undefined && nameOf(code) in examples)
  // A document without examples of its problems tells no code, older or newer.
  if (!from) return
  const example = inlined(document, from, nameOf(code))
  delete from[nameOf(code)]
  const to = examplesOf(String(older.status))
  if (!to) throw new ChangeUnfit(`its document shows no problem of ${older.status}`)
  const value = isTree(example['value']) ? example['value'] : {}
  const type = String(value['type']).replace(code, older.code)
  to[nameOf(older.code)] = { ...example, value: { ...value, type, ...older } }
}

const hasProblems = (document: Tree, response: unknown): boolean => {
  const { content } = inlined(document, { response }, 'response')
  return isTree(content) && isTree(content[PROBLEM])
}

const answersBefore = (document: Tree, operation: Tree, change: OperationChange) => {
  const responses = objectIn(operation, 'responses')
  let changed = 0
  for (const status of Object.keys(responses).filter((s) => s.startsWith('2'))) {
    const response = inlined(document, responses, status)
    const content = response['content']
    if (!isTree(content) || !isTree(content['application/json'])) continue
    const media = content['application/json']
    for (const step of change.answer.toReversed()) changeSchema(document, media, step, 'answer')
    bringExamples(media, bringDown(change.answer))
    changed++
  }
  if (changed === 0) throw new ChangeUnfit('it has no answer that could change')
}

const mediaOf = (document: Tree, operation: Tree, member: string): Tree => {
  if (!(member in operation)) throw new ChangeUnfit(`it has no ${member}`)
  const content = objectIn(inlined(document, operation, member), 'content')
  return objectIn(content, 'application/json')
}

const bringExamples = (media: Tree, bring: (value: unknown) => unknown) => {
  if ('example' in media) media['example'] = bring(media['example'])
  const examples = media['examples']
  if (isTree(examples))
    for (const example of Object.values(examples))
      if (isTree(example) && 'value' in example) example['value'] = bring(example['value'])
}

const parametersBefore = (
  document: Tree,
  operation: Tree,
  item: Tree,
  steps: readonly ParameterStep[],
) => {
  const own = listAt(operation, 'parameters')
  // What a path declares for all its operations is changed for one of them alone.
  const shared = listAt(item, 'parameters')
  if (shared.length > 0) {
    for (const method of methods) {
      const sibling = item[method]
      if (isTree(sibling) && sibling !== operation)
        sibling['parameters'] = [...structuredClone(shared), ...listAt(sibling, 'parameters')]
    }
    own.unshift(...structuredClone(shared))
    delete item['parameters']
  }
  operation['parameters'] = own
  const named = (name: string): { parameter: Tree; at: number } => {
    for (let at = 0; at < own.length; at++) {
      const parameter = inlined(document, own, at)
      if (parameter['in'] === 'query' && parameter['name'] === name) return { parameter, at }
    }
    throw new ChangeUnfit(`it has no query parameter ${name}`)
  }
  for (const step of steps.toReversed())
    switch (step.do) {
      case 'rename':
        named(step.to).parameter['name'] = step.from
        break
      case 'add': {
        const { parameter, at } = named(step.name)
        if (parameter['required'] === true && step.value === undefined)
          throw new ChangeUnfit(`older callers do not send ${step.name}, which is needed`)
        own.splice(at, 1)
        break
      }
      case 'remove':
        own.push({ name: step.name, in: 'query', schema: structuredClone(step.schema) })
        break
      case 'map': {
        const schema = inlined(document, named(step.name).parameter, 'schema')
        const words = schema['enum']
        if (!Array.isArray(words)) throw new ChangeUnfit(`${step.name} is no word of a list`)
        schema['enum'] = wordsBefore(words, step)
      }
    }
}
