/**
 * Whether a migration leaves the version before it at work: while an installation is upgraded node by node, both run over
 * one database. What that version reads stays where it is, and what it writes is still taken (expand first, contract later).
 */

export interface Contraction {
  /** The statement, as far as it shows what is wrong. */
  readonly statement: string
  readonly why: string
}

/** A statement behind this word takes away what no version in use looks at any more; it says since when. */
const MARK = /--\s*contract:\s*\S/

interface Rule {
  readonly breaks: RegExp
  readonly why: string
}

const rules: readonly Rule[] = [
  {
    breaks: /\bdrop (?:table|view|materialized view|column|schema|type|function|sequence)\b/,
    why: 'the version before this one still uses it: take it away one release later',
  },
  {
    breaks: /\brename\b/,
    why: 'the version before this one knows the old name: add the new one beside it',
  },
  {
    breaks: /\balter column \S+ (?:set data )?type\b/,
    why: 'the version before this one writes the old type: add a column beside it',
  },
  {
    breaks: /\bset not null\b/,
    why: 'the version before this one may leave it empty: fill it first, demand it one release later',
  },
  {
    breaks:
      /\badd (?:column )?(?:if not exists )?(?!constraint\b)\w+ [^,;]*\bnot null\b(?![^,;]*\b(?:default|generated)\b)(?<!\bdefault\b[^,;]*)/,
    why: 'the version before this one writes rows without it: give it a default',
  },
  {
    breaks:
      /\badd (?:constraint \S+ )?(?:check|unique|foreign key|exclude)\b|\bcreate unique index\b/,
    why: 'the version before this one may write what it forbids: demand it one release later',
  },
]

/** Statements of a script with the comment in front of each; bodies of functions and texts are no statements. */
const statementsOf = (script: string): { text: string; marked: boolean }[] =>
  script
    .replaceAll(/\$(\w*)\$[\s\S]*?\$\1\$/g, "''")
    .replaceAll(/'(?:[^']|'')*'/g, "''")
    .split(';')
    .map((part) => ({
      text: part
        .replaceAll(/--[^\n]*/g, ' ')
        .replaceAll(/\s+/g, ' ')
        .trim()
        .toLowerCase(),
      marked: MARK.test(part),
    }))

/** What of a migration the version before it would trip over. A table that the migration makes itself is nobody's yet. */
export const contractionsOf = (script: string): Contraction[] => {
  const statements = statementsOf(script)
  const own = new Set(
    statements.flatMap(
      ({ text }) => /^create (?:unlogged )?table (?:if not exists )?(\S+)/.exec(text)?.[1] ?? [],
    ),
  )
  const isOwn = (text: string) =>
    [...own].some((table) =>
      text.split(/[\s(]/).some((word) => word === table || word === `${table},`),
    )
  return statements
    .filter(({ text, marked }) => !marked && !isOwn(text))
    .flatMap(({ text }) =>
      rules
        .filter(({ breaks }) => breaks.test(text))
        .map(({ why }) => ({ statement: text.slice(0, 120), why })),
    )
}
