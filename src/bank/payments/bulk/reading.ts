/** Reads a file as it streams by: one line after the other, never the whole of it. What is no such file is refused. */
import { Readable } from 'node:stream'
import { parse } from 'csv-parse'
import { Problem } from '#kernel/problem.ts'
import { type FileType, fileRefused } from './bulk.ts'
import { type RawLine, members } from './line.ts'
import { readPain001 } from './pain001.ts'

export type Bytes = AsyncIterable<Uint8Array>

/** The longest record of a format that is read at once. */
export const RECORD_CHARS_MAX = 16_384

export const linesOf = (type: FileType, bytes: Bytes): AsyncGenerator<RawLine> => {
  switch (type) {
    case 'csv':
      return readCsv(bytes)
    case 'json':
      return readJson(bytes)
    case 'pain.001.001.09':
      return readPain001(textOf(bytes))
  }
}

/** Bytes as UTF-8 text; a character may stand across two chunks. */
export const textOf = async function* (bytes: Bytes): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  try {
    for await (const chunk of bytes) yield decoder.decode(chunk, { stream: true })
    yield decoder.decode()
  } catch (cause) {
    throw cause instanceof TypeError ? fileRefused('it is not UTF-8', { cause }) : cause
  }
}

/** An empty cell is a member that is not there. */
const readCsv = async function* (bytes: Bytes): AsyncGenerator<RawLine> {
  const parser = Readable.from(textOf(bytes)).pipe(
    parse({
      bom: true,
      columns: checkedHeader,
      max_record_size: RECORD_CHARS_MAX,
      skip_empty_lines: true,
    }),
  )
  try {
    for await (const record of parser as AsyncIterable<Record<string, string>>)
      yield Object.fromEntries(Object.entries(record).filter(([, cell]) => cell !== ''))
  } catch (cause) {
    if (cause instanceof Problem) throw cause
    throw fileRefused('it is not CSV as RFC 4180 has it', { cause })
  }
}

const checkedHeader = (header: string[]): string[] => {
  const stranger = header.find((name) => !members.some((member) => member === name))
  const missing = ['creditorAccount', 'creditorName', 'amount', 'currency'].find(
    (name) => !header.includes(name),
  )
  if (stranger !== undefined || new Set(header).size !== header.length)
    throw fileRefused('its header names a column that is not known, or one twice')
  if (missing !== undefined) throw fileRefused(`its header lacks the column ${missing}`)
  return header
}

/** One array of objects, each cut out where it ends and parsed by itself. */
const readJson = async function* (bytes: Bytes): AsyncGenerator<RawLine> {
  let state: 'before' | 'between' | 'inside' | 'after' = 'before'
  let depth = 0
  let quoted = false
  let escaped = false
  let commaDue = false
  let record = ''
  for await (const text of textOf(bytes))
    for (const c of text) {
      if (state === 'inside') {
        record += c
        if (record.length > RECORD_CHARS_MAX) throw fileRefused('one of its objects is too long')
        if (escaped) escaped = false
        else if (quoted && c === '\\') escaped = true
        else if (c === '"') quoted = !quoted
        else if (!quoted && c === '{') depth++
        else if (!quoted && c === '}' && --depth === 0) {
          yield jsonLine(record)
          record = ''
          state = 'between'
          commaDue = true
        }
        continue
      }
      if (/[ \t\r\n\ufeff]/.test(c)) continue
      if (state === 'before' && c === '[') state = 'between'
      else if (state === 'between' && c === '{' && !commaDue) {
        state = 'inside'
        depth = 1
        record = c
      } else if (state === 'between' && c === ',' && commaDue) commaDue = false
      else if (state === 'between' && c === ']') state = 'after'
      else throw fileRefused('it is not a JSON array of objects')
    }
  if (state !== 'after') throw fileRefused('it ends before its array does')
}

/** Members that are not text are not read; what is needed and is not there is the line's own fault. */
const jsonLine = (text: string): RawLine => {
  const line: Record<string, string> = {}
  for (const [name, value] of Object.entries(parsed(text)))
    if (typeof value === 'string') line[name] = value
    else throw fileRefused('a member of one of its objects is not text; amounts are text too')
  const stranger = Object.keys(line).find((name) => !members.some((member) => member === name))
  if (stranger !== undefined) throw fileRefused('an object has a member that is not known')
  return line
}

const parsed = (text: string): object => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : {}
  } catch (cause) {
    throw fileRefused('one of its objects is not JSON', { cause })
  }
}
