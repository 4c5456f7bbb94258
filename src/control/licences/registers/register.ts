/** A supervisor's register as one file of it says, whatever its format. */
import { parse as parseCsv } from 'csv-parse/sync'
import { z } from 'zod'
import { idOf } from '#kernel/id.ts'
import { problem } from '#kernel/problem.ts'

export const RegisterImportId = idOf('register-import')
export const RegisterFormat = z.enum(['csv', 'eba'])
export type RegisterFormat = z.output<typeof RegisterFormat>

/** Which evidence a register can confirm. */
export const REGISTERED = 'nca_register'

/** Who is authorised for what, and where. */
export const RegisterEntry = z.object({
  /** As the register knows it: the number in the organisation identifier `PSD{CC}-{NCA}-{id}` or its own. */
  number: z.string().min(1).max(200),
  name: z.string().min(1).max(400),
  country: z.string().regex(/^[A-Z]{2}$/),
  /** Status ids of the licence matrix that its services stand for. */
  services: z.array(z.string()),
  /** States in which it may serve; its own among them. */
  states: z.array(z.string().regex(/^[A-Z]{2}$/)),
  authorised: z.boolean(),
})
export type RegisterEntry = z.output<typeof RegisterEntry>

export const registerUnreadable = problem(
  'licences/register-unreadable',
  422,
  'The register’s file cannot be read',
)

export const registerOutdated = problem(
  'licences/register-outdated',
  409,
  'A newer file of this register is known',
)

/** Every format is a function of the file's text; another one is another line here. */
const readers: Readonly<Record<RegisterFormat, (content: string) => RegisterEntry[]>> = {
  csv: (content) => readCsv(content),
  eba: (content) => readEba(content),
}

/** Reads a file; refuses one that is empty or names an entry twice: what is not sure concludes nothing. */
export const readRegister = (format: RegisterFormat, content: string): RegisterEntry[] => {
  const entries = readers[format](content)
  if (entries.length === 0) throw registerUnreadable('it has no entries')
  const numbers = new Set<string>()
  for (const { number } of entries) {
    if (numbers.has(number)) throw registerUnreadable(`${number} stands there twice`)
    numbers.add(number)
  }
  return entries
}

/** Refuses services that are no statuses: a file in other words would stop everybody whom it means. */
export const checkServices = (
  format: RegisterFormat,
  entries: readonly RegisterEntry[],
  isStatus: (word: string) => boolean,
): void => {
  // The European register speaks in codes, of which a reader takes those that are statuses here.
  if (format === 'eba') return
  entries.forEach(({ services }, i) => {
    const stranger = services.find((word) => !isStatus(word))
    if (stranger !== undefined)
      throw registerUnreadable(`row ${i + 2}: ${stranger} is no status of the licence matrix`)
  })
}

const words = (text: string): string[] =>
  text
    .split(/[;|]/)
    .map((word) => word.trim())
    .filter((word) => word !== '')

const CsvRow = z.looseObject({
  number: z.string(),
  name: z.string(),
  country: z.string(),
  services: z.string(),
  states: z.string(),
  status: z.enum(['authorised', 'withdrawn', 'suspended']),
})

/** A central bank's list: number, name, country, services, states, status. Lists inside of a cell are parted by `;`. */
const readCsv = (content: string): RegisterEntry[] => {
  const rows = csvRows(content)
  return rows.map((row, i) => {
    const read = CsvRow.safeParse(row)
    const entry = RegisterEntry.safeParse(
      read.success && {
        number: read.data.number.trim(),
        name: read.data.name.trim(),
        country: read.data.country.trim(),
        services: words(read.data.services),
        states: [...new Set([read.data.country.trim(), ...words(read.data.states)])],
        authorised: read.data.status === 'authorised',
      },
    )
    if (!entry.success) throw registerUnreadable(`row ${i + 2} is not an entry`)
    return entry.data
  })
}

const csvRows = (content: string): unknown[] => {
  try {
    return z.array(z.unknown()).parse(parseCsv(content, { columns: true, bom: true, trim: true }))
  } catch (cause) {
    throw registerUnreadable('it is no table with a head', { cause })
  }
}

/** Services of Directive (EU) 2015/2366, annex I, by the register's codes, and the statuses that they stand for. */
const ebaServices: Readonly<Record<string, string>> = { PS_070: 'pisp', PS_080: 'aisp' }
const ebaTypes: Readonly<Record<string, string>> = { PSD_EMI: 'emi', PSD_AISP: 'aisp' }

const EbaEntity = z.looseObject({
  EntityCode: z.string(),
  EntityType: z.string(),
  Properties: z.array(z.record(z.string(), z.unknown())),
  Services: z.array(z.record(z.string(), z.union([z.string(), z.array(z.string())]))).default([]),
})
const EbaFile = z.tuple([z.unknown(), z.array(EbaEntity)])

/** The European register's download: a disclaimer, then entities with properties, and services by state. */
const readEba = (content: string): RegisterEntry[] => {
  const [, entities] = ebaFile(content)
  return entities.map(({ EntityCode, EntityType, Properties, Services }) => {
    const property = (name: string) => Properties.find((p) => name in p)?.[name]
    const texts = z.union([z.string().transform((one) => [one]), z.array(z.string())]).catch([])
    const dates = texts.parse(property('ENT_AUT'))
    const codes = Services.flatMap((byState) => Object.values(byState).flat())
    const country = z.string().catch('').parse(property('ENT_COU_RES'))
    const entry = RegisterEntry.safeParse({
      number: EntityCode,
      name: texts.parse(property('ENT_NAM'))[0] ?? '',
      country,
      services: [
        ...new Set([
          ...codes.flatMap((code) => ebaServices[code] ?? []),
          ...(ebaTypes[EntityType] ? [ebaTypes[EntityType]] : []),
        ]),
      ].toSorted(),
      states: [...new Set([country, ...Services.flatMap((byState) => Object.keys(byState))])],
      // Dates come in pairs: authorised, then withdrawn; an odd number of them means that it is authorised.
      authorised: dates.length % 2 === 1,
    })
    if (!entry.success) throw registerUnreadable(`${EntityCode} is not an entry`)
    return entry.data
  })
}

const ebaFile = (content: string): z.output<typeof EbaFile> => {
  try {
    return EbaFile.parse(JSON.parse(content))
  } catch (cause) {
    throw registerUnreadable('it is not the European register’s download', { cause })
  }
}

/** Of what stood: more than this share, and more than one, is a fall that a cut-off file would show as well. */
const FALL_PERCENT = 10

export const isFall = (lost: number, of: number): boolean =>
  lost > 1 && lost * 100 > of * FALL_PERCENT

/** The entries that say less than they did: gone, withdrawn, with a service or a state fewer. */
export const fallen = (
  before: readonly RegisterEntry[],
  entries: readonly RegisterEntry[],
): readonly RegisterEntry[] => {
  const now = new Map(entries.map((e) => [e.number, e]))
  const allIn = (some: readonly string[], all: readonly string[] = []) =>
    some.every((word) => all.includes(word))
  return before.filter((was) => {
    const is = now.get(was.number)
    if (!was.authorised) return false
    return !is?.authorised || !allIn(was.services, is.services) || !allIn(was.states, is.states)
  })
}

export type RegisterVerdict = 'confirmed' | 'gone' | 'withdrawn' | 'service-lost' | 'state-lost'

/** What a register says of a partner that is held as these statuses, and which of them it no longer carries. */
export const judged = (
  entry: RegisterEntry | undefined,
  held: readonly string[],
  { home, bank }: { home: string; bank: string },
): { verdict: RegisterVerdict; lost: readonly string[] } => {
  if (!entry) return { verdict: 'gone', lost: held }
  if (!entry.authorised) return { verdict: 'withdrawn', lost: held }
  if (home !== bank && !entry.states.includes(bank)) return { verdict: 'state-lost', lost: held }
  const lost = held.filter((status) => !entry.services.includes(status))
  return lost.length > 0 ? { verdict: 'service-lost', lost } : { verdict: 'confirmed', lost: [] }
}
