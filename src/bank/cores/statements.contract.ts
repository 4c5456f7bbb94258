/** What the files of a core's days must keep, where it puts any down, beside `core.contract.ts`. At least one must lie there. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { assert as must } from '#kernel/assert.ts'
import type { Core } from './core.ts'
import type { StatementLine } from './statement.ts'

export const statementsContract = (name: string, core: Core): void => {
  describe(`${name} keeps the contract of statements`, () => {
    const { statements } = core
    must(statements, 'a core that is judged by this contract puts down statements')

    test('every file is sound, of a day of its own that is over, and says the same each time', async () => {
      const days: string[] = []
      const files = await statements.list()
      assert.ok(files.length > 0)
      for (const file of files) {
        const check = await statements.check(file.name)
        assert.ok(check.sound, `${file.name} is refused`)
        assert.deepEqual(await statements.check(file.name), check)
        days.push(check.day.toString())
      }
      assert.deepEqual(days, [...new Set(days)].toSorted())
      assert.deepEqual(await statements.list(), files)
    })

    test('what was booked on an account is what its balance changed by, and lines come in their order', async () => {
      for (const { name: file } of await statements.list()) {
        const open = new Map<string, bigint>()
        let last = 0
        for await (const line of statements.read(file)) {
          assert.ok(line.line > last)
          last = line.line
          const before = open.get(line.account) ?? 0n
          if (line.is === 'balance')
            open.set(line.account, before + line.openingMinor - line.closingMinor)
          if (line.is === 'entry') open.set(line.account, before + line.minor)
          if (line.is === 'hold') assert.ok(line.minor > 0n)
        }
        assert.deepEqual(
          [...open].filter(([, minor]) => minor !== 0n),
          [],
        )
      }
    })

    test('reading goes on behind any line, and nothing is left out or said twice', async () => {
      for (const { name: file } of await statements.list()) {
        const all: StatementLine[] = await Array.fromAsync(statements.read(file))
        const places = [0, all[0]?.line ?? 0, all[Math.floor(all.length / 2)]?.line ?? 0]
        for (const after of [...places, all.at(-1)?.line ?? 0])
          assert.deepEqual(
            await Array.fromAsync(statements.read(file, after)),
            all.filter(({ line }) => line > after),
          )
      }
    })

    test('what the core says of an account by its files it says when it is asked', async () => {
      const file = (await statements.list()).at(-1)
      const check = file && (await statements.check(file.name))
      assert.ok(check?.sound)
      let asked = 0
      for await (const line of statements.read(file?.name ?? '')) {
        if (line.is !== 'balance' || asked >= 5) continue
        asked += 1
        const { booked } = await core.bookedAt(line.account, check.day)
        assert.deepEqual(booked, { minor: line.closingMinor, currency: line.currency })
      }
      assert.ok(asked > 0)
    })
  })
}
