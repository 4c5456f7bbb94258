/**
 * Older versions as they were published: of each document the operations that changed since, complete in themselves.
 * `node test/openapi/frozen.ts` writes those that are not there yet; what is there is a promise, and stays.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { changesOf, documentAt, isTree, type Tree } from '#kernel/changes/index.ts'

export const domains = ['accounts', 'payments', 'cards'] as const
const root = join(import.meta.dirname, '../..')
const folder = join(import.meta.dirname, 'frozen')

export const headOf = (domain: string): Tree => {
  const text = readFileSync(join(root, 'src/bank', domain, 'openapi.yaml'), 'utf8')
  const document: unknown = parse(text)
  if (!isTree(document)) throw new Error(`${domain} has no document`)
  return document
}

export const olderVersions = (head: Tree): string[] => {
  const versions = head['x-versions']
  return Array.isArray(versions) ? versions.map(String) : []
}

/** Operations that any version wrote otherwise. */
export const changedOperations = (head: Tree): string[] => [
  ...new Set(changesOf(head).flatMap(({ operations }) => Object.keys(operations))),
]

const methods = ['get', 'put', 'post', 'delete', 'patch']

/** The value with every reference of the document written out. */
const written = (document: Tree, value: unknown, depth = 0): unknown => {
  if (depth > 40) throw new Error('it refers to itself')
  if (Array.isArray(value)) return value.map((one: unknown) => written(document, one, depth + 1))
  if (!isTree(value)) return value
  const { $ref, ...beside } = value
  if (typeof $ref === 'string') {
    const target = $ref
      .slice(2)
      .split('/')
      .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
      .reduce<unknown>((at, name) => (isTree(at) ? at[name] : undefined), document)
    if (!isTree(target)) throw new Error(`${$ref} is not there`)
    return written(document, { ...target, ...beside }, depth + 1)
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, written(document, inner, depth + 1)]),
  )
}

const kept = new Set(['operationId', 'parameters', 'requestBody', 'responses'])

/** Only these operations of a document, and of them what callers see. Refusals are one shape everywhere, and left out. */
export const excerpt = (document: Tree, ids: readonly string[]): Tree => {
  const paths: Tree = {}
  for (const [path, item] of Object.entries(isTree(document['paths']) ? document['paths'] : {}))
    for (const method of methods) {
      const operation = isTree(item) ? item[method] : undefined
      if (!isTree(operation) || !ids.includes(String(operation['operationId']))) continue
      const responses = isTree(operation['responses']) ? operation['responses'] : {}
      const seen = {
        ...operation,
        responses: Object.fromEntries(
          Object.entries(responses).filter(([status]) => status.startsWith('2')),
        ),
      }
      paths[path] = {
        ...(isTree(paths[path]) ? paths[path] : {}),
        [method]: written(
          document,
          Object.fromEntries(Object.entries(seen).filter(([name]) => kept.has(name))),
        ),
      }
    }
  return { openapi: '3.1.0', info: document['info'], paths }
}

const PROBLEM = 'application/problem+json'

/** By which problems each of these operations is refused, by status: their examples stand under their codes. */
export const problemsOf = (document: Tree, ids: readonly string[]): Tree => {
  const found: Tree = {}
  for (const item of Object.values(isTree(document['paths']) ? document['paths'] : {}))
    for (const operation of Object.values(isTree(item) ? item : {})) {
      if (!isTree(operation) || !ids.includes(String(operation['operationId']))) continue
      const responses = written(document, operation['responses'])
      found[String(operation['operationId'])] = Object.fromEntries(
        Object.entries(isTree(responses) ? responses : {}).flatMap(([status, response]) => {
          const examples = ['content', PROBLEM, 'examples'].reduce<unknown>(
            (at, name) => (isTree(at) ? at[name] : undefined),
            response,
          )
          return isTree(examples) ? [[status, Object.keys(examples).toSorted()]] : []
        }),
      )
    }
  return found
}

const fileOf = (domain: string, version: string) => join(folder, `${domain}-${version}.json`)
const problemsFileOf = (domain: string, version: string) =>
  join(folder, `${domain}-${version}.problems.json`)

export const frozenProblemsOf = (domain: string, version: string): unknown =>
  JSON.parse(readFileSync(problemsFileOf(domain, version), 'utf8'))

export const frozenOf = (domain: string, version: string): unknown =>
  JSON.parse(readFileSync(fileOf(domain, version), 'utf8'))

if (process.argv[1] === import.meta.filename) {
  mkdirSync(folder, { recursive: true })
  for (const domain of domains) {
    const head = headOf(domain)
    for (const version of olderVersions(head)) {
      const older = documentAt(head, version)
      const changed = changedOperations(head)
      const pages = [
        { file: fileOf(domain, version), page: () => excerpt(older, changed) },
        { file: problemsFileOf(domain, version), page: () => problemsOf(older, changed) },
      ]
      for (const { file, page } of pages)
        if (!existsSync(file)) writeFileSync(file, `${JSON.stringify(page(), null, 1)}\n`)
    }
  }
}
