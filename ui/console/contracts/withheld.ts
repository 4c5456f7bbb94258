/** Fields that answers leave out, as lines of an operation and a field. */

export type Withheld = Readonly<Record<string, readonly string[]>>

/** A line that is neither is kept as it is: the server refuses it with its place. */
export const withheldIn = (lines: string): Withheld => {
  const withheld: Record<string, string[]> = {}
  for (const line of lines.split('\n').filter((one) => one.trim() !== '')) {
    const [operation = '', ...field] = line.trim().split(/\s+/)
    withheld[operation] = [...(withheld[operation] ?? []), field.join(' ')]
  }
  return withheld
}

export const linesOf = (withheld: Withheld): string =>
  Object.entries(withheld)
    .flatMap(([operation, fields]) => fields.map((field) => `${operation} ${field}`))
    .join('\n')
