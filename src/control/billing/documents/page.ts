/** Paper: A4 pages with the bank's typeface, a head, facts in two columns, a table that goes on over pages, sums and a foot. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import PDFDocument from 'pdfkit'

const fontFile = (name: string) => readFileSync(join(import.meta.dirname, 'fonts', name))
const fonts = { regular: fontFile('onest-regular.ttf'), strong: fontFile('onest-semibold.ttf') }

const LEFT = 56
const RIGHT = 539
const TOP = 56
const BOTTOM = 760
const INK = '#1a2233'
const PALE = '#667085'
const RULE = '#d0d5dd'

/** Where a row's four columns stand: the first from the left, the others end at these points. */
const COLUMNS = { quantity: 348, price: 436, amount: RIGHT } as const

export interface Row {
  readonly text: string
  readonly quantity?: string | undefined
  readonly price?: string | undefined
  readonly amount?: string | undefined
}

export interface Paper {
  head(options: { issuer: string; title: string; number: string; note?: string | undefined }): void
  /** Pairs of a word and what it is, in two columns side by side. */
  facts(
    left: readonly (readonly [string, string])[],
    right: readonly (readonly [string, string])[],
  ): void
  columns(row: Required<Row>): void
  chapter(title: string, below: string): void
  row(row: Row): void
  /** How the row above came about. */
  detail(row: Row): void
  /** What comes next stands on one page, if it is no higher than so many points. */
  keep(height: number): void
  sum(text: string, amount: string, strong?: boolean): void
  note(text: string): void
  bytes(pageOf: (page: number, pages: number) => string): Promise<Buffer>
}

export const openPaper = (options: {
  title: string
  language: string
  at: Temporal.Instant
}): Paper => {
  const made = new Date(options.at.epochMilliseconds)
  const pdf = new PDFDocument({
    size: 'A4',
    margins: { top: TOP, bottom: 0, left: LEFT, right: 595 - RIGHT },
    bufferPages: true,
    lang: options.language,
    displayTitle: true,
    info: { Title: options.title, Producer: 'Portico', CreationDate: made, ModDate: made },
  })
  const chunks: Buffer[] = []
  const whole = new Promise<Buffer>((resolve, reject) => {
    pdf.on('data', (chunk: Buffer) => void chunks.push(chunk))
    pdf.on('end', () => resolve(Buffer.concat(chunks)))
    pdf.on('error', reject)
  })
  pdf.registerFont('regular', fonts.regular)
  pdf.registerFont('strong', fonts.strong)
  let y = TOP
  let again: Required<Row> | undefined

  const use = (font: 'regular' | 'strong', size: number, color = INK) =>
    pdf.font(font).fontSize(size).fillColor(color)
  const rule = () => {
    pdf.moveTo(LEFT, y).lineTo(RIGHT, y).lineWidth(0.6).strokeColor(RULE).stroke()
  }
  const room = (height: number) => {
    if (y + height <= BOTTOM) return
    pdf.addPage()
    y = TOP
    if (again) columns(again)
  }
  const endingAt = (text: string, x: number, at = y) =>
    pdf.text(text, x - pdf.widthOfString(text), at, { lineBreak: false })
  /** Writes a row in a hand, and goes below it. A new page begins with the names of the columns, in another hand. */
  const cells = (
    { text, quantity, price, amount }: Row,
    { hand, indent = 0, gap }: { hand: () => unknown; indent?: number; gap: number },
  ): void => {
    hand()
    const end =
      quantity || price ? COLUMNS.quantity - 70 : RIGHT - pdf.widthOfString(amount ?? '') - 20
    const width = end - LEFT - indent
    const height = pdf.heightOfString(text, { width })
    room(height + gap)
    hand()
    pdf.text(text, LEFT + indent, y, { width })
    if (quantity) endingAt(quantity, COLUMNS.quantity)
    if (price) endingAt(price, COLUMNS.price)
    if (amount) endingAt(amount, COLUMNS.amount)
    y += height + gap
  }
  const columns = (row: Required<Row>) => {
    cells(row, { hand: () => use('strong', 8, PALE), gap: 5 })
    rule()
    y += 7
  }

  return {
    head: ({ issuer, title, number, note }) => {
      use('strong', 11)
      pdf.text(issuer, LEFT, y, { lineBreak: false })
      if (note) {
        use('strong', 10, '#b42318')
        endingAt(note, RIGHT)
      }
      y += 34
      use('strong', 21)
      pdf.text(title, LEFT, y, { lineBreak: false })
      use('regular', 21, PALE)
      endingAt(number, RIGHT)
      y += 42
    },
    facts: (left, right) => {
      const top = y
      let lowest = top
      for (const [x, pairs] of [
        [LEFT, left],
        [330, right],
      ] as const) {
        y = top
        for (const [name, value] of pairs) {
          use('regular', 8, PALE)
          pdf.text(name, x, y, { lineBreak: false })
          y += 11
          use('regular', 10)
          const width = x === LEFT ? 250 : RIGHT - 330
          const height = pdf.heightOfString(value, { width })
          pdf.text(value, x, y, { width })
          y += height + 8
        }
        lowest = Math.max(lowest, y)
      }
      y = lowest + 12
    },
    columns: (row) => {
      again = row
      columns(row)
    },
    chapter: (title, below) => {
      room(64)
      y += 4
      use('strong', 9.5)
      pdf.text(title, LEFT, y, { lineBreak: false })
      y += 14
      use('regular', 8, PALE)
      y += pdf.heightOfString(below, { width: RIGHT - LEFT })
      pdf.text(below, LEFT, y - pdf.heightOfString(below, { width: RIGHT - LEFT }), {
        width: RIGHT - LEFT,
      })
      y += 8
    },
    row: (row) => {
      cells(row, { hand: () => use('regular', 9.5), gap: 4 })
    },
    detail: (row) => {
      cells(row, { hand: () => use('regular', 8, PALE), indent: 10, gap: 3 })
    },
    keep: (height) => {
      // A page that begins with sums needs no names of columns.
      const held = again
      again = undefined
      room(height)
      again = held
    },
    sum: (text, amount, strong = false) => {
      if (again) y += 10
      again = undefined
      room(24)
      if (strong) {
        y += 2
        rule()
        y += 7
      }
      use(strong ? 'strong' : 'regular', strong ? 11.5 : 9.5)
      pdf.text(text, 250, y, { lineBreak: false })
      endingAt(amount, RIGHT)
      y += strong ? 22 : 16
    },
    note: (text) => {
      use('regular', 8, PALE)
      const height = pdf.heightOfString(text, { width: RIGHT - LEFT })
      room(height + 6)
      use('regular', 8, PALE)
      pdf.text(text, LEFT, y, { width: RIGHT - LEFT })
      y += height + 5
    },
    bytes: (pageOf) => {
      const { start, count } = pdf.bufferedPageRange()
      for (let page = start; page < start + count; page++) {
        pdf.switchToPage(page)
        use('regular', 8, PALE)
        endingAt(pageOf(page - start + 1, count), RIGHT, 800)
      }
      pdf.end()
      return whole
    },
  }
}
