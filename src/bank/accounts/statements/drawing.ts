/** Draws a statement as a PDF. It computes for tenths of a second, so it runs in a thread of its own: `press.ts`. */
import { readFileSync } from 'node:fs'
import PDFDocument from 'pdfkit'
import type { Paper, PaperLine } from './paper.ts'

type Pdf = InstanceType<typeof PDFDocument>

/**
 * Onest by its project's authors, SIL Open Font License 1.1: Latin and Cyrillic with the letters of Uzbek, cut to one
 * weight. What browsers load (woff2, a file for each script) cannot be embedded with letters that are made of two.
 */
const font = readFileSync(new URL('onest-regular.ttf', import.meta.url))

const margin = 48
const ink = '#1b1b1f'
const faint = '#6b6b76'
const columns = { day: margin, text: margin + 62, amount: 595.28 - margin }
const lineHeight = 26
const bottom = 841.89 - 64

export const drawn = (paper: Paper): Promise<Buffer> => {
  const pdf = new PDFDocument({
    size: 'A4',
    margin: 0,
    bufferPages: true,
    info: {
      Title: `${paper.title}, ${paper.period}`,
      CreationDate: new Date(paper.madeAtMs),
    },
  })
  pdf.font(font)
  const chunks: Buffer[] = []
  pdf.on('data', (chunk: Buffer) => chunks.push(chunk))
  const whole = new Promise<Buffer>((resolve, reject) => {
    pdf.on('end', () => resolve(Buffer.concat(chunks)))
    pdf.on('error', reject)
  })
  let y = head(pdf, paper)
  for (const line of paper.lines) {
    if (y + lineHeight > bottom) {
      pdf.addPage()
      y = tableHead(pdf, margin)
    }
    drawLine(pdf, line, y)
    y += lineHeight
  }
  if (paper.lines.length === 0) say(pdf, 'Nothing was booked in this month.', columns.text, y + 6)
  feet(pdf, paper)
  pdf.end()
  return whole
}

/** Answers where the first line goes. */
const head = (pdf: Pdf, { bankName, title, period, facts, sums }: Paper): number => {
  say(pdf, bankName, columns.amount, margin + 6, { size: 11, right: true })
  say(pdf, title, margin, margin, { size: 20 })
  say(pdf, period, margin, margin + 30, { size: 11, color: faint })
  const top = margin + 64
  for (const [row, [name, value]] of facts.entries()) {
    say(pdf, name, margin, top + row * 17, { color: faint })
    say(pdf, value, margin + 110, top + row * 17)
  }
  const sumsTop = top + facts.length * 17 + 16
  pdf.rect(margin, sumsTop, columns.amount - margin, sums.length * 19 + 14).fill('#f3f2ee')
  for (const [row, [name, value]] of sums.entries()) {
    say(pdf, name, margin + 12, sumsTop + 9 + row * 19)
    say(pdf, value, columns.amount - 12, sumsTop + 9 + row * 19, { right: true })
  }
  return tableHead(pdf, sumsTop + sums.length * 19 + 34)
}

const tableHead = (pdf: Pdf, y: number): number => {
  say(pdf, 'Booked', columns.day, y, { size: 8, color: faint })
  say(pdf, 'What and with whom', columns.text, y, { size: 8, color: faint })
  say(pdf, 'Amount', columns.amount, y, { size: 8, color: faint, right: true })
  rule(pdf, y + 14)
  return y + 20
}

const drawLine = (pdf: Pdf, { day, text, party, amount }: PaperLine, y: number) => {
  const wide = columns.amount - columns.text - 120
  say(pdf, day, columns.day, y)
  say(pdf, text, columns.text, y, { wide })
  if (party !== '') say(pdf, party, columns.text, y + 11, { size: 8, color: faint, wide })
  say(pdf, amount, columns.amount, y, { right: true })
}

const feet = (pdf: Pdf, { foot }: Paper) => {
  const { count } = pdf.bufferedPageRange()
  for (let page = 0; page < count; page++) {
    pdf.switchToPage(page)
    rule(pdf, bottom + 12)
    say(pdf, foot, margin, bottom + 20, { size: 7, color: faint })
    const of = `Page ${page + 1} of ${count}`
    say(pdf, of, columns.amount, bottom + 20, { size: 7, color: faint, right: true })
  }
}

const rule = (pdf: Pdf, y: number) =>
  pdf.moveTo(margin, y).lineTo(columns.amount, y).lineWidth(0.5).stroke('#d8d6cf')

interface Look {
  readonly size?: number
  readonly color?: string
  /** Ends at x in place of beginning there. */
  readonly right?: boolean
  /** What is wider is cut. */
  readonly wide?: number
}

const say = (pdf: Pdf, text: string, x: number, y: number, look: Look = {}) => {
  const { size = 9, color = ink, right = false, wide } = look
  pdf.fontSize(size).fillColor(color)
  const shown = wide === undefined ? text : cut(pdf, text, wide)
  pdf.text(shown, right ? x - pdf.widthOfString(shown) : x, y, { lineBreak: false })
}

const cut = (pdf: Pdf, text: string, wide: number): string => {
  if (pdf.widthOfString(text) <= wide) return text
  const letters = Array.from(text)
  while (letters.length > 1 && pdf.widthOfString(`${letters.join('')}…`) > wide) letters.pop()
  return `${letters.join('')}…`
}
