/** A piece of SQL with its values, to be set into a query. */
export interface Sql {
  readonly strings: readonly string[]
  readonly values: readonly unknown[]
}

export const sql = (strings: TemplateStringsArray, ...values: readonly unknown[]): Sql => ({
  strings,
  values,
})

const joined = (parts: readonly Sql[], between: string): Sql => ({
  strings: ['', ...parts.slice(1).map(() => between), ''],
  values: parts,
})

/** All conditions at once; none means no condition. */
export const all = (conditions: readonly Sql[]): Sql =>
  conditions.length === 0 ? sql`true` : joined(conditions, ' and ')

/** Pieces with commas between: rows of a `values` list. */
export const list = (parts: readonly Sql[]): Sql => joined(parts, ', ')
