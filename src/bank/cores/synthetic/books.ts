/** Books of one world: the same statements as those of the shared books, over another schema. */
import type { Db, Postgres } from '#platform/db.ts'
import type { Sql } from '#platform/sql.ts'

/** The schema that statements of this core are written for. */
const shared = 'synthetic.'

/** A name of books is ours alone: `world_…` or `snapshot_…`, hexadecimal. It never comes from a partner as text. */
const wellNamed = /^(world|snapshot)_([0-9a-f]{32}|template)$/

/** A database whose statements reach the books of this name. Values are left as they are: only what we wrote is read anew. */
export const booksIn = (db: Postgres, name: string): Postgres => {
  if (!wellNamed.test(name)) throw new Error(`${name} is no name of books`)
  const over = (text: string) => text.replaceAll(shared, `${name}.`)
  return {
    ...within(db, over),
    copyRows: (strings, ...values) => {
      const texts = strings.map(over)
      return db.copyRows(Object.assign(texts, { raw: texts }), ...values)
    },
    transaction: (body) => db.transaction((tx) => body(within(tx, over))),
    listen: (channel, onNotify, onListen) => db.listen(channel, onNotify, onListen),
    close: () => Promise.resolve(),
  }
}

const within = (db: Db, over: (text: string) => string): Db => {
  const ask = <T>(query: (strings: TemplateStringsArray, ...values: readonly unknown[]) => T) => {
    const asked = (strings: TemplateStringsArray, ...values: readonly unknown[]) => {
      const { strings: texts, values: given } = moved({ strings, values }, over)
      return query(Object.assign([...texts], { raw: texts }), ...given)
    }
    return asked
  }
  return {
    many: (row) => ask(db.many(row)),
    maybe: (row) => ask(db.maybe(row)),
    one: (row) => ask(db.one(row)),
    run: ask(db.run),
  }
}

const isSql = (value: unknown): value is Sql =>
  typeof value === 'object' && value !== null && 'strings' in value && 'values' in value

const moved = ({ strings, values }: Sql, over: (text: string) => string): Sql => ({
  strings: strings.map(over),
  values: values.map((value) => (isSql(value) ? moved(value, over) : value)),
})
