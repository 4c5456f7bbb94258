/**
 * Whatever bytes the core answers: a record is read as its description says, or refused as garbled. What was read is written
 * back to the same values, and nothing else is ever thrown.
 */
import assert from 'node:assert/strict'
import { pack, unpack } from '#bank/cores/legacy/codec.ts'
import { allLayouts } from '#bank/cores/legacy/layouts.ts'
import { Problem } from '#kernel/problem.ts'
import { type Chance, chanceFrom } from '../../isolation/chance.ts'

const today = Temporal.PlainDate.from('2026-11-23')

/** Mostly what could stand in a record, and now and then any byte at all. */
const byte = (chance: Chance): number =>
  chance.once(6) ? chance.below(256) : chance.of([...Buffer.from('0123456789 ABCZ-+.,/\0\x1a')])

export const tryLayouts = (count: number, seed: number): { read: number; refused: number } => {
  const chance = chanceFrom(seed)
  const tally = { read: 0, refused: 0 }
  for (let n = 0; n < count; n++) {
    const layout = chance.of(allLayouts)
    const width = chance.once(10) ? chance.below(2 * layout.width + 1) : layout.width
    const filler = [0x20, 0x30][chance.below(3)]
    const bytes = Buffer.from(Array.from({ length: width }, () => filler ?? byte(chance)))
    for (let times = chance.below(6); times > 0 && width > 0; times--)
      bytes[chance.below(width)] = byte(chance)
    const told = () => `seed ${seed}, number ${n}: ${layout.name} ${bytes.toString('hex')}`
    let values: ReturnType<typeof unpack>
    try {
      values = unpack(layout, bytes, today)
    } catch (error) {
      assert.ok(
        error instanceof Problem && error.code === 'core/garbled',
        `${told()}: ${String(error)}`,
      )
      tally.refused++
      continue
    }
    tally.read++
    const again = unpack(layout, pack(layout, values, today), today)
    assert.equal(said(again), said(values), told())
  }
  return tally
}

const said = (values: object) =>
  JSON.stringify(values, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value))
